/// The items of a HEIF file: images, their properties and the references between them.
///
/// Source: ISO/IEC 14496-12, section 8.11 (`meta`, `iloc`, `iinf`, `pitm`, `iref`), ISO/IEC 23008-12,
/// section 9.3 (`iprp`).
struct HEIFItems {
    struct Item {
        var type = ""
        var isProtected = false
        /// Indices in `properties`, in the order in which they apply.
        var properties: [(index: Int, isEssential: Bool)] = []
        /// Where the data is; the construction method is 0 for the file, 1 for `idat`.
        var method = 0
        var extents: [(offset: Int, length: Int)] = []
        var usesOtherFile = false
    }

    /// Why a file cannot be read.
    enum Failure: Error {
        case malformed(String)
        case unsupported(String)
    }

    private(set) var primary: Int?
    private(set) var items: [Int: Item] = [:]
    private(set) var properties: [HEIFBoxes.Box] = []
    /// Items that a derived image is made of, in order.
    private(set) var inputs: [Int: [Int]] = [:]
    private var itemData: ArraySlice<UInt8> = []
    private let file: ArraySlice<UInt8>

    /// Items and extents of a file, at most.
    private static let limit = 1 << 16

    /// - Parameter meta: The content of the file's `meta` box.
    init(_ meta: HEIFBoxes.Box, file: ArraySlice<UInt8>) throws(Failure) {
        self.file = file
        for box in HEIFBoxes(meta.body) {
            switch box.type {
            case "pitm": primary = box.body.integer(box.version == 0 ? 2 : 4, at: 0)
            case "iinf": try readInformation(box)
            case "iloc": try readLocations(box)
            case "iprp": try readProperties(box)
            case "iref": try readReferences(box)
            case "idat": itemData = box.content
            default: break
            }
        }
    }

    private mutating func readInformation(_ box: HEIFBoxes.Box) throws(Failure) {
        for entry in HEIFBoxes(box.body.dropFirst(box.version == 0 ? 2 : 4))
        where entry.type == "infe" {
            let size = entry.version == 2 ? 2 : 4
            guard entry.version == 2 || entry.version == 3,
                let id = entry.body.integer(size, at: 0),
                let protection = entry.body.integer(2, at: size),
                let type = entry.body.part(4, at: size + 2)
            else { continue }
            guard items.count < Self.limit else { throw .malformed("it has too many items") }
            items[id, default: Item()].type = String(decoding: type, as: UTF8.self)
            items[id, default: Item()].isProtected = protection != 0
        }
    }

    private mutating func readLocations(_ box: HEIFBoxes.Box) throws(Failure) {
        var reader = HEIFFields(box.body)
        let sizes = try reader.next(2)
        let (offsetSize, lengthSize) = (sizes >> 12, sizes >> 8 & 15)
        let (baseSize, indexSize) = (sizes >> 4 & 15, box.version == 0 ? 0 : sizes & 15)
        guard [offsetSize, lengthSize, baseSize, indexSize].allSatisfy({ [0, 4, 8].contains($0) })
        else { throw .malformed("its item locations have fields of an unknown size") }
        let idSize = box.version < 2 ? 2 : 4
        var total = 0
        for _ in 0..<(try reader.next(idSize)) {
            let id = try reader.next(idSize)
            let method = box.version == 0 ? 0 : try reader.next(2) & 15
            let usesOtherFile = try reader.next(2) != 0
            let base = try reader.next(baseSize)
            let count = try reader.next(2)
            total += count + 1
            guard total <= Self.limit else { throw .malformed("it has too many items") }
            var extents: [(offset: Int, length: Int)] = []
            for _ in 0..<count {
                _ = try reader.next(indexSize)
                let (offset, overflows) = base.addingReportingOverflow(try reader.next(offsetSize))
                let length = try reader.next(lengthSize)
                guard !overflows else { throw .malformed("an item lies outside of it") }
                extents.append((offset, length))
            }
            items[id, default: Item()].method = method
            items[id, default: Item()].usesOtherFile = usesOtherFile && method == 0
            items[id, default: Item()].extents = extents
        }
    }

    private mutating func readProperties(_ box: HEIFBoxes.Box) throws(Failure) {
        for part in HEIFBoxes(box.content) {
            if part.type == "ipco" {
                properties = Array(HEIFBoxes(part.content).prefix(Self.limit))
            }
            guard part.type == "ipma" else { continue }
            var reader = HEIFFields(part.body)
            let indexSize = part.flags & 1 == 0 ? 1 : 2
            let essential = indexSize == 1 ? 0x80 : 0x8000
            for _ in 0..<(try reader.next(4)) {
                let id = try reader.next(part.version == 0 ? 2 : 4)
                for _ in 0..<(try reader.next(1)) {
                    let value = try reader.next(indexSize)
                    let index = value & (essential - 1)
                    guard index > 0 else { continue }
                    items[id, default: Item()].properties
                        .append((index - 1, value & essential != 0))
                }
                guard items.count <= Self.limit else { throw .malformed("it has too many items") }
            }
        }
    }

    private mutating func readReferences(_ box: HEIFBoxes.Box) throws(Failure) {
        let size = box.version == 0 ? 2 : 4
        for reference in HEIFBoxes(box.body) where reference.type == "dimg" {
            var reader = HEIFFields(reference.content)
            let from = try reader.next(size)
            var to: [Int] = []
            for _ in 0..<(try reader.next(2)) { to.append(try reader.next(size)) }
            guard inputs.count < Self.limit else { throw .malformed("it has too many items") }
            inputs[from] = to
        }
    }

    /// Whether the data of an item extend to the end of the file, wherever that is.
    var haveOpenEnds: Bool {
        items.values.contains { $0.extents.contains { $0.length == 0 } }
    }

    /// The properties of an item, in the order in which they apply.
    ///
    /// - Throws: If one is essential and not among `known`.
    func properties(of id: Int, known: Set<String>) throws(Failure) -> [HEIFBoxes.Box] {
        var boxes: [HEIFBoxes.Box] = []
        for (index, isEssential) in items[id]?.properties ?? [] {
            guard properties.indices.contains(index) else {
                throw .malformed("an image refers to a property that is missing")
            }
            let box = properties[index]
            if isEssential && !known.contains(box.type) {
                throw .unsupported("an image with the property '\(box.type)'")
            }
            boxes.append(box)
        }
        return boxes
    }

    /// The bytes of an item.
    ///
    /// - Throws: If a part of them lies outside of the file.
    func data(of id: Int) throws(Failure) -> [UInt8] {
        guard let item = items[id], !item.extents.isEmpty else {
            throw .malformed("the data of an image is missing")
        }
        guard !item.isProtected else { throw .unsupported("an encrypted image") }
        guard !item.usesOtherFile else { throw .unsupported("an image in another file") }
        guard item.method <= 1 else { throw .unsupported("an image in parts of another one") }
        let source = item.method == 0 ? file : itemData
        var bytes: [UInt8] = []
        for (offset, length) in item.extents {
            // A length of 0 means the rest.
            guard offset <= source.count,
                let part = source.part(length == 0 ? source.count - offset : length, at: offset),
                bytes.count + part.count <= file.count
            else { throw .malformed("the data of an image is cut off") }
            bytes += part
        }
        return bytes
    }
}

/// Consecutive big-endian fields of a box.
struct HEIFFields {
    private let bytes: ArraySlice<UInt8>
    private var offset = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// The next field of `size` bytes; 0 for no bytes.
    ///
    /// - Throws: At the end of the box.
    mutating func next(_ size: Int) throws(HEIFItems.Failure) -> Int {
        if size == 0 { return 0 }
        guard let value = bytes.integer(size, at: offset) else {
            throw .malformed("a table of it is cut off")
        }
        offset += size
        return value
    }
}
