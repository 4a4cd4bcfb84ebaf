internal import CKernels
internal import Foundation

/// The kernels that encoders compute with; other revisions and processors round differently.
public enum ComputeKernels {
    /// Incremented when an encoder's embeddings change in any bit.
    public static let revision = 11

    /// A warning if the processor's AMX is not used because its products are wrong; nil if there is none.
    public static var warning: String? {
        ganrm_amx_wrong_kernel().map {
            """
            AMX is not used because this processor, or the system that emulates it, computes \(String(cString: $0)) \
            wrongly; results are right, but slower
            """
        }
    }

    /// The processor's model name, e.g. `AMD EPYC 9R14`; nil if unknown.
    public static var processor: String? {
        // Read as a stream, because its reported size is 0.
        guard let file = fopen("/proc/cpuinfo", "r") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let line {
            let parts = String(cString: line).split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].hasPrefix("model name") else { continue }
            return parts[1].trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return nil
    }
}
