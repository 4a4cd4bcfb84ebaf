import Foundation
import Media
import SystemPackage

extension Upload {
    /// - Throws: `ServingError.noSpace`.
    convenience init(_ bytes: some ContiguousBytes) throws(ServingError) {
        do throws(Errno) {
            var writer = try UploadWriter()
            try writer.append(bytes)
            self.init(writer)
        } catch {
            throw .noSpace(reason: error.description)
        }
    }
}
