/// An unpickler for tensors, arrays of NumPy and plain containers, which runs no Python code.
///
/// Every opcode pushes at most one value, and the memory of containers, tensors and the memo is
/// limited in proportion to the pickle's length.
///
/// Source: CPython, `Lib/pickletools.py`; PyTorch, `torch/serialization.py` and
/// `torch/_weights_only_unpickler.py` (for the opcodes that checkpoints use); NumPy 2.4,
/// `numpy/_core/src/multiarray/methods.c`, `array_reduce`, and `numpy/_core/numeric.py`, `_frombuffer`.
struct Unpickler {
    enum UnpicklingError: Error {
        case malformed(offset: Int, reason: String)
        case global(String)
    }

    /// Maximum number of values on the stack. TorchScript pushes all elements of a list before it
    /// is created; Python's pickler pushes at most a thousand.
    static let stackLimit = 1 << 20
    /// Maximum memory of containers, tensors and the memo, in bytes per byte of the pickle: those
    /// of `torch.save` need 9 (a state dict) to 15 (an optimizer's state).
    static let memoryFactor = 24
    /// Memory that any pickle may use besides, in bytes, for those of a few lines.
    static let memoryAllowance = 1 << 20

    /// What is made of classes and functions.
    enum Objects {
        /// Those of tensors and arrays are interpreted, and a pickle with any other is refused.
        case known
        /// All are values without content, whatever is done with them.
        case inert
    }

    private let bytes: UnsafeRawBufferPointer
    private let objects: Objects
    /// Where the pickle is in its file.
    private let start: Int
    private var offset = 0
    private var stack: [Pickle.Value] = []
    /// Sizes of `stack` when marks were pushed.
    private var marks: [Int] = []
    /// Values by their number in the memo; picklers count from 0 or 1.
    private var memo: [Pickle.Value?] = []
    private var pickle = Pickle()
    /// Remaining memory for containers, tensors and the memo, in bytes.
    private var memoryBudget: Int

    /// Reads the pickle that the bytes begin with.
    ///
    /// - Parameter start: Where the bytes are in their file.
    /// - Returns: The pickle and its length in bytes.
    static func read(
        _ bytes: UnsafeRawBufferPointer, at start: Int, objects: Objects = .known
    ) throws(UnpicklingError) -> (pickle: Pickle, byteCount: Int) {
        var unpickler = Unpickler(bytes: bytes, start: start, objects: objects)
        while try unpickler.step() {}
        unpickler.pickle.root = try unpickler.pop()
        return (unpickler.pickle, unpickler.offset)
    }

    private init(bytes: UnsafeRawBufferPointer, start: Int, objects: Objects) {
        self.bytes = bytes
        self.objects = objects
        self.start = start
        memoryBudget = Self.memoryFactor * bytes.count + Self.memoryAllowance
    }

    /// Counts memory that is about to be used.
    private mutating func spend(_ byteCount: Int) throws(UnpicklingError) {
        memoryBudget -= byteCount
        guard memoryBudget >= 0 else {
            throw malformed("more objects than its length allows")
        }
    }

    /// Runs one opcode; returns false at the end of the pickle.
    private mutating func step() throws(UnpicklingError) -> Bool {
        guard stack.count < Self.stackLimit, marks.count < Self.stackLimit else {
            throw malformed("more than \(Self.stackLimit) values on the stack")
        }
        let opcode: UInt8 = try readInteger()
        switch opcode {
        case 0x80:  // PROTO
            let version: UInt8 = try readInteger()
            guard (2...5).contains(version) else { throw malformed("pickle protocol \(version)") }
        case 0x95: _ = try readInteger() as UInt64  // FRAME
        case UInt8(ascii: "."): return false  // STOP
        case UInt8(ascii: "("): marks.append(stack.count)  // MARK
        case UInt8(ascii: "0"): _ = try pop()  // POP
        case UInt8(ascii: "1"): _ = try popToMark()  // POP_MARK
        case UInt8(ascii: "2"): stack.append(try top())  // DUP
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "J"): stack.append(.integer(Int(try readInteger() as Int32)))
        case UInt8(ascii: "K"): stack.append(.integer(Int(try readInteger() as UInt8)))
        case UInt8(ascii: "M"): stack.append(.integer(Int(try readInteger() as UInt16)))
        case 0x8a:
            stack.append(try longInteger(byteCount: Int(try readInteger() as UInt8)))
        case UInt8(ascii: "G"):
            stack.append(.float(Double(bitPattern: (try readInteger() as UInt64).byteSwapped)))
        case UInt8(ascii: "X"), UInt8(ascii: "T"):
            try pushText(count: UInt64(try readInteger() as UInt32))
        case 0x8c, UInt8(ascii: "U"): try pushText(count: UInt64(try readInteger() as UInt8))
        case 0x8d: try pushText(count: try readInteger())
        case UInt8(ascii: "B"): try pushBytes(count: UInt64(try readInteger() as UInt32))
        case UInt8(ascii: "C"): try pushBytes(count: UInt64(try readInteger() as UInt8))
        case 0x8e, 0x96: try pushBytes(count: try readInteger())  // BINBYTES8, BYTEARRAY8
        case UInt8(ascii: ")"), UInt8(ascii: "]"), 0x8f: try pushSequence([])
        case UInt8(ascii: "t"), UInt8(ascii: "l"), 0x91: try pushSequence(popToMark())
        case 0x85: try pushSequence([pop()])
        case 0x86: try pushSequence(pop(2))
        case 0x87: try pushSequence(pop(3))
        case UInt8(ascii: "a"): try append([try pop()])
        case UInt8(ascii: "e"), 0x90: try append(try popToMark())
        case UInt8(ascii: "}"): try pushDictionary([])
        case UInt8(ascii: "d"): try pushDictionary(pairs(popToMark()))
        case UInt8(ascii: "s"): try set(try pairs(try pop(2)))
        case UInt8(ascii: "u"): try set(try pairs(try popToMark()))
        case UInt8(ascii: "q"): try remember(Int(try readInteger() as UInt8))
        case UInt8(ascii: "r"): try remember(Int(try readInteger() as UInt32))
        case 0x94: try remember(memo.count)
        case UInt8(ascii: "h"): try recall(Int(try readInteger() as UInt8))
        case UInt8(ascii: "j"): try recall(Int(try readInteger() as UInt32))
        case UInt8(ascii: "c"): try pushGlobal(module: try line(), name: try line())
        case 0x93:  // STACK_GLOBAL
            guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
                throw malformed("an import without a name")
            }
            try pushGlobal(module: module, name: name)
        case UInt8(ascii: "Q"): try pushStorage()  // BINPERSID
        case UInt8(ascii: "R"), 0x81: try call()  // REDUCE, NEWOBJ
        case UInt8(ascii: "b"): try build()  // BUILD
        default: throw malformed("instruction \(opcode), which no checkpoint uses")
        }
        return true
    }

    // MARK: Bytes

    private func malformed(_ reason: String) -> UnpicklingError {
        .malformed(offset: offset, reason: reason)
    }

    private mutating func readInteger<Integer: FixedWidthInteger>() throws(UnpicklingError)
        -> Integer
    {
        guard let value = bytes.integer(at: offset, as: Integer.self) else {
            throw malformed("cut off")
        }
        offset += MemoryLayout<Integer>.size
        return value
    }

    private mutating func longInteger(byteCount: Int) throws(UnpicklingError) -> Pickle.Value {
        guard let digits = bytes.slice(offset..<offset + byteCount),
            byteCount <= 8 || objects == .inert
        else { throw malformed("an integer of \(byteCount) bytes") }
        offset += byteCount
        guard byteCount <= 8 else { return .object }
        guard let sign = digits.last else { return .integer(0) }
        var value: Int64 = sign & 0x80 == 0 ? 0 : -1
        for digit in digits.reversed() { value = value << 8 | Int64(digit) }
        return .integer(Int(value))
    }

    private mutating func pushText(count: UInt64) throws(UnpicklingError) {
        let range = try skip(count)
        stack.append(.text(String(decoding: bytes[range], as: UTF8.self)))
    }

    private mutating func pushBytes(count: UInt64) throws(UnpicklingError) {
        let range = try skip(count)
        try push(.stored(start + range.lowerBound..<start + range.upperBound))
    }

    private mutating func skip(_ count: UInt64) throws(UnpicklingError) -> Range<Int> {
        guard count <= bytes.count - offset else { throw malformed("a text past the end") }
        defer { offset += Int(count) }
        return offset..<offset + Int(count)
    }

    private mutating func push(_ string: Pickle.ByteString) throws(UnpicklingError) {
        try spend(MemoryLayout<Pickle.ByteString>.stride)
        pickle.byteStrings.append(string)
        stack.append(.bytes(pickle.byteStrings.count - 1))
    }

    private mutating func line() throws(UnpicklingError) -> String {
        guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) else {
            throw malformed("a line without end")
        }
        defer { offset = end + 1 }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }

    // MARK: The stack

    private func top() throws(UnpicklingError) -> Pickle.Value {
        guard let value = stack.last, stack.count > marks.last ?? 0 else {
            throw malformed("an empty stack")
        }
        return value
    }

    private mutating func pop() throws(UnpicklingError) -> Pickle.Value {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws(UnpicklingError) -> [Pickle.Value] {
        guard stack.count - (marks.last ?? 0) >= count else { throw malformed("an empty stack") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(UnpicklingError) -> [Pickle.Value] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw malformed("no mark") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private mutating func remember(_ index: Int) throws(UnpicklingError) {
        let value = try top()
        while memo.count <= index {
            // Twice the size, because an array grows by doubling.
            try spend(2 * MemoryLayout<Pickle.Value?>.stride)
            memo.append(nil)
        }
        memo[index] = value
    }

    private mutating func recall(_ index: Int) throws(UnpicklingError) {
        guard memo.indices.contains(index), let value = memo[index] else {
            throw malformed("nothing remembered as \(index)")
        }
        stack.append(value)
    }

    // MARK: Containers

    /// Memory of an array and of the reference to it, in bytes.
    private static func memory<Element>(of count: Int, each: Element.Type) -> Int {
        let header = 32
        return MemoryLayout<[Element]>.size
            + (count == 0 ? 0 : header + count * MemoryLayout<Element>.stride)
    }

    private mutating func pushSequence(_ elements: [Pickle.Value]) throws(UnpicklingError) {
        try spend(Self.memory(of: elements.count, each: Pickle.Value.self))
        pickle.sequences.append(elements)
        stack.append(.sequence(pickle.sequences.count - 1))
    }

    private mutating func pushDictionary(
        _ pairs: [(key: Pickle.Value, value: Pickle.Value)]
    ) throws(UnpicklingError) {
        try spend(Self.memory(of: 2 * pairs.count, each: Pickle.Value.self))
        pickle.dictionaries.append(pairs)
        stack.append(.dictionary(pickle.dictionaries.count - 1))
    }

    private func pairs(
        _ values: [Pickle.Value]
    ) throws(UnpicklingError) -> [(key: Pickle.Value, value: Pickle.Value)] {
        guard values.count.isMultiple(of: 2) else { throw malformed("a key without a value") }
        return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    }

    private mutating func append(_ elements: [Pickle.Value]) throws(UnpicklingError) {
        if case .object = try top() { return }
        guard case .sequence(let index) = try top() else { throw malformed("no list to append to") }
        try spend(elements.count * MemoryLayout<Pickle.Value>.stride)
        pickle.sequences[index].append(contentsOf: elements)
    }

    private mutating func set(
        _ pairs: [(key: Pickle.Value, value: Pickle.Value)]
    ) throws(UnpicklingError) {
        if case .object = try top() { return }
        guard case .dictionary(let index) = try top() else {
            throw malformed("no dictionary to fill")
        }
        try spend(2 * pairs.count * MemoryLayout<Pickle.Value>.stride)
        pickle.dictionaries[index].append(contentsOf: pairs)
    }

    // MARK: Objects

    private mutating func pushGlobal(module: String, name: String) throws(UnpicklingError) {
        let global = Pickle.Global(module: module, name: name)
        switch objects {
        case .known:
            guard let global else { throw .global("\(module).\(name)") }
            stack.append(.global(global))
        case .inert:
            // Bytes in protocol 2.
            stack.append(global == .encodeText ? .global(.encodeText) : .object)
        }
    }

    /// Pushes the storage of a persistent ID, `('storage', torch.FloatStorage, '0', 'cpu', 1536)`, which before PyTorch
    /// 1.6 ends with a view of another storage or with nothing. The element count is ignored; the file determines it.
    private mutating func pushStorage() throws(UnpicklingError) {
        var fields = try sequence(try pop())
        if fields.count == 6 {
            guard case .none = fields.removeLast() else {
                throw malformed("a storage that is part of another")
            }
        }
        guard fields.count == 5, case .text("storage") = fields[0],
            case .global(.storageType(let dtype)) = fields[1], case .text(let key) = fields[2]
        else { throw malformed("a storage without type and key") }
        try spend(MemoryLayout<Pickle.Storage>.stride)
        pickle.storages.append(.init(location: .key(key), dtype: dtype))
        stack.append(.storage(pickle.storages.count - 1))
    }

    private mutating func call() throws(UnpicklingError) {
        let arguments = try sequence(try pop())
        let callee = try pop()
        if case .object = callee { return stack.append(.object) }
        guard case .global(let global) = callee else { throw malformed("a call of no function") }
        switch global {
        case .orderedDictionary:
            // Python 2 and copied dictionaries pass the items as a list of pairs.
            var pairs: [(key: Pickle.Value, value: Pickle.Value)] = []
            let items = try arguments.first.map(sequence) ?? []
            // Before the loop, because a list may be passed again and again.
            try spend(2 * items.count * MemoryLayout<Pickle.Value>.stride)
            for item in items {
                let pair = try sequence(item)
                guard pair.count == 2 else { throw malformed("an item that is no pair") }
                pairs.append((pair[0], pair[1]))
            }
            try pushDictionary(pairs)
        case .scriptModule: try pushDictionary([])
        case .size, .scriptList:
            guard let elements = arguments.first else { throw malformed("a list of nothing") }
            stack.append(elements)
        case .rebuildParameter:
            guard let data = arguments.first, case .tensor = data else {
                throw malformed("a parameter that is no tensor")
            }
            stack.append(data)
        case .rebuildTensor: try pushTensor(arguments)
        case .reconstructArray:
            guard case .global(.arrayClass)? = arguments.first else {
                throw malformed("an array of no class")
            }
            // The state replaces the shape, (0,), and the type, b'b'.
            try push(.init(storage: nil, view: .init(shape: [], strides: [], offset: 0)))
        case .arrayFromBuffer:
            guard arguments.count == 4, case .text(let order) = arguments[3],
                ["C", "F"].contains(order)
            else { throw malformed("an array in no order") }
            try push(
                array(arguments[2], arguments[1], isFortranOrder: order == "F", arguments[0]))
        case .arrayType: stack.append(.arrayType(try arrayType(arguments)))
        case .encodeText: try push(.decoded(try latin1(arguments)))
        case .storageType, .arrayClass: throw malformed("a call of a type")
        }
    }

    /// Pushes the result of
    /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`.
    private mutating func pushTensor(_ arguments: [Pickle.Value]) throws(UnpicklingError) {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0],
            case .integer(let start) = arguments[1], start >= 0
        else { throw malformed("a tensor without storage and offset") }
        let shape = try lengths(arguments[2])
        let strides = try lengths(arguments[3])
        guard shape.count == strides.count else { throw malformed("shape and strides disagree") }
        try push(
            .init(storage: storage, view: .init(shape: shape, strides: strides, offset: start)))
    }

    private mutating func push(_ tensor: Pickle.Tensor) throws(UnpicklingError) {
        try spend(
            MemoryLayout<Pickle.Tensor>.stride
                + 2 * Self.memory(of: tensor.view.shape.count, each: Int.self))
        pickle.tensors.append(tensor)
        stack.append(.tensor(pickle.tensors.count - 1))
    }

    /// Sets an object's attributes. Those of a module are its content; others, such as `_metadata`
    /// of a state dict, are ignored.
    private mutating func build() throws(UnpicklingError) {
        let state = try pop()
        switch (try top(), state) {
        case (.dictionary(let index), .dictionary(let attributes)):
            // An ordered dictionary has its items already; a module is empty until now.
            if pickle.dictionaries[index].isEmpty {
                try spend(
                    2 * pickle.dictionaries[attributes].count
                        * MemoryLayout<Pickle.Value>.stride)
                pickle.dictionaries[index] = pickle.dictionaries[attributes]
            }
        case (.tensor(let index), .sequence(let state)) where pickle.tensors[index].storage == nil:
            let state = pickle.sequences[state]  // version, shape, type, order, elements
            guard state.count == 5, case .bool(let isFortranOrder) = state[3] else {
                throw malformed("an array without shape, type and elements")
            }
            let array = try array(
                state[1], state[2], isFortranOrder: isFortranOrder, state[4])
            try spend(2 * Self.memory(of: array.view.shape.count, each: Int.self))
            pickle.tensors[index] = array
        case (.arrayType, .sequence(let state)):
            // Version and byte order; what follows is for structures, texts and dates.
            let state = pickle.sequences[state]
            guard state.count > 1, case .text(let order) = state[1],
                ["<", "|", "="].contains(order)
            else { throw malformed("an array of numbers that are not little-endian") }
        case (.dictionary, _), (.tensor, _), (.object, _): break
        default: throw malformed("attributes for what has none")
        }
    }

    // MARK: Arrays

    /// An array of NumPy, whose elements are all of `elements`.
    private mutating func array(
        _ shape: Pickle.Value, _ type: Pickle.Value, isFortranOrder: Bool, _ elements: Pickle.Value
    ) throws(UnpicklingError) -> Pickle.Tensor {
        let shape = try lengths(shape)
        guard case .arrayType(let dtype) = type, case .bytes(let index) = elements else {
            throw malformed("an array that does not consist of numbers")
        }
        guard dtype.byteCount(shape: shape) == pickle.byteStrings[index].count else {
            throw malformed(
                "an array of shape \(shape) with \(pickle.byteStrings[index].count) bytes")
        }
        var strides = Array(repeating: 1, count: shape.count)
        var stride = 1
        // The product of the lengths that are not 0 does not overflow.
        for axis in isFortranOrder ? Array(shape.indices) : shape.indices.reversed() {
            strides[axis] = stride
            stride *= max(shape[axis], 1)
        }
        try spend(MemoryLayout<Pickle.Storage>.stride)
        pickle.storages.append(.init(location: .bytes(index), dtype: dtype))
        return .init(
            storage: pickle.storages.count - 1,
            view: .init(shape: shape, strides: strides, offset: 0))
    }

    /// The type of `numpy.dtype('f2', False, True)`, whose byte order is in its state.
    private func arrayType(_ arguments: [Pickle.Value]) throws(UnpicklingError) -> DType {
        guard case .text(let name)? = arguments.first else {
            throw malformed("a type without a name")
        }
        switch name {
        case "f8": return .f64
        case "f4": return .f32
        case "f2": return .f16
        case "i8": return .i64
        case "i4": return .i32
        case "i2": return .i16
        case "i1": return .i8
        case "u1": return .u8
        case "b1": return .bool
        default: throw malformed("an array of the type '\(name.prefix(16))'")
        }
    }

    /// The bytes of `_codecs.encode(text, 'latin1')`.
    private mutating func latin1(
        _ arguments: [Pickle.Value]
    ) throws(UnpicklingError) -> [UInt8] {
        guard arguments.count == 2, case .text(let text) = arguments[0],
            case .text("latin1") = arguments[1]
        else { throw malformed("bytes in an encoding other than latin1") }
        // A text may be encoded again and again.
        try spend(text.utf8.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else {
                throw malformed("bytes that are not in latin1")
            }
            bytes.append(byte)
        }
        return bytes
    }

    private func sequence(_ value: Pickle.Value) throws(UnpicklingError) -> [Pickle.Value] {
        guard case .sequence(let index) = value else { throw malformed("no tuple") }
        return pickle.sequences[index]
    }

    private func lengths(_ value: Pickle.Value) throws(UnpicklingError) -> [Int] {
        let values = try sequence(value)
        guard values.count <= 16 else { throw malformed("\(values.count) axes") }
        var lengths: [Int] = []
        for value in values {
            guard case .integer(let length) = value, length >= 0 else {
                throw malformed("an axis or stride that is no length")
            }
            lengths.append(length)
        }
        return lengths
    }
}
