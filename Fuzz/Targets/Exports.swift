import Foundation
import TestSupport

/// The target of this process.
private struct OpenTarget {
    let target: FuzzTarget
    let folder: TemporaryFolder
    let read: FuzzTarget.Reader
}

private nonisolated(unsafe) var opened: OpenTarget?

private nonisolated(unsafe) let names = strdup(
    FuzzTarget.all.map(\.name).joined(separator: " "))

@c(fuzz_names) public func targetNames() -> UnsafePointer<CChar>? { UnsafePointer(names) }

@c(fuzz_open) public func openTarget(_ name: UnsafePointer<CChar>) -> Bool {
    let name = String(cString: name)
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else { return false }
    do {
        let folder = try TemporaryFolder()
        opened = OpenTarget(target: target, folder: folder, read: try target.open(folder))
    } catch {
        fatalError("\(name): \(error)")
    }
    return true
}

@c(fuzz_write_seeds) public func writeSeeds(_ folder: UnsafePointer<CChar>) -> Bool {
    guard let opened else { return false }
    let folder = String(cString: folder)
    do {
        for path in try opened.target.seeds(opened.folder) {
            let name = URL(fileURLWithPath: path).lastPathComponent
            try Data(contentsOf: URL(fileURLWithPath: path))
                .write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        return true
    } catch {
        FileHandle.standardError.write(Data("\(error)\n".utf8))
        return false
    }
}

@c(fuzz_read) public func readInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
    guard let opened else { return }
    try? opened.read(UnsafeRawBufferPointer(start: bytes, count: count))
}
