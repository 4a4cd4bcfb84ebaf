import Frames

extension Orientation {
    /// The orientation that Exif metadata gives, a TIFF header with its first directory; upright if
    /// it has none or is malformed, as for Pillow.
    ///
    /// Source: CIPA DC-008 (Exif 3.0), tag 274.
    ///
    /// - Parameter metadata: Accepted with and without the prefix `Exif\0\0` of JPEG.
    init(exif metadata: ArraySlice<UInt8>) {
        self.init()
        var bytes = metadata
        while bytes.has("Exif\0\0") { bytes = bytes.dropFirst(6) }
        guard bytes.has("II") || bytes.has("MM") else { return }
        let isLittle = bytes.has("II")
        func integer(_ count: Int, at offset: Int) -> Int? {
            bytes.integer(count, at: offset, littleEndian: isLittle)
        }
        guard integer(2, at: 2) == 42, let directory = integer(4, at: 4),
            let count = integer(2, at: directory)
        else { return }
        for entry in 0..<count {
            let offset = directory + 2 + 12 * entry
            guard let tag = integer(2, at: offset) else { return }
            guard tag == 274 else { continue }
            // SHORT; some programs write LONG.
            let size = integer(2, at: offset + 2) == 4 ? 4 : 2
            if let value = integer(size, at: offset + 8) { self.init(exifValue: value) }
            return
        }
    }

    /// - Parameter value: 1 to 8; others mean upright.
    init(exifValue value: Int) {
        switch value {
        case 2: self.init(flipsColumns: true)
        case 3: self.init(flipsRows: true, flipsColumns: true)
        case 4: self.init(flipsRows: true)
        case 5: self.init(transposes: true)
        case 6: self.init(transposes: true, flipsRows: true)
        case 7: self.init(transposes: true, flipsRows: true, flipsColumns: true)
        case 8: self.init(transposes: true, flipsColumns: true)
        default: self.init()
        }
    }

    /// This orientation followed by another one.
    func followed(by next: Orientation) -> Orientation {
        Orientation(
            transposes: transposes != next.transposes,
            flipsRows: flipsRows != (transposes ? next.flipsColumns : next.flipsRows),
            flipsColumns: flipsColumns != (transposes ? next.flipsRows : next.flipsColumns))
    }
}
