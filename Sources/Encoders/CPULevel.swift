internal import CKernels
internal import Foundation

/// An instruction set that the compute kernels are compiled for, such as `avx512_vnni`.
///
/// The level in use is one for the whole process: the fastest of the processor, unless the environment variable
/// `GANRM_CPU_LEVEL` or `use()` chooses another. Levels differ in the last bits of their results, and in `bf16` and `int8`
/// by no more than the error of the precision.
public struct CPULevel: Sendable, Hashable {
    let kernelLevel: UInt32

    /// The name in `--cpu-level` and `GANRM_CPU_LEVEL`.
    public var name: String { String(cString: ganrm_kernel_level_name(cValue)) }

    private var cValue: ganrm_kernel_level { ganrm_kernel_level(kernelLevel) }

    private init(_ level: ganrm_kernel_level) { kernelLevel = level.rawValue }

    /// - Throws: `CPULevelError` for an unknown name and for a level that the processor does not have.
    public init(named name: String) throws(CPULevelError) {
        guard let level = Self.available.first(where: { $0.name == name }) else {
            throw CPULevelError(
                name: name, isKnown: Self.allNames.contains(name),
                available: Self.available.map(\.name))
        }
        self = level
    }

    private static let all = (GANRM_KERNELS_PORTABLE.rawValue..<UInt32(GANRM_KERNEL_LEVELS))
        .map { CPULevel(ganrm_kernel_level($0)) }.filter { !$0.name.isEmpty }

    /// The names of all levels, those of other processors included.
    public static var allNames: [String] { all.map(\.name) }

    /// The levels that the processor has, from the oldest instructions to the newest.
    public static var available: [CPULevel] { all.filter { ganrm_kernels_at($0.cValue) != nil } }

    /// The level that encoders and heads are loaded for.
    public static var inUse: CPULevel { CPULevel(ganrm_kernel_level_in_use()) }

    /// The level that `GANRM_CPU_LEVEL` names; nil if it is unset or empty.
    ///
    /// - Throws: `CPULevelError`.
    public static func ofEnvironment() throws(CPULevelError) -> CPULevel? {
        guard let name = ProcessInfo.processInfo.environment["GANRM_CPU_LEVEL"], !name.isEmpty
        else { return nil }
        do {
            return try CPULevel(named: name)
        } catch {
            var error = error
            error.source = "GANRM_CPU_LEVEL"
            throw error
        }
    }

    /// Makes this the level in use. Encoders and heads that are loaded already keep theirs.
    public func use() { ganrm_kernel_level_use(cValue) }

    /// Whether the level has instructions for products of bfloat16.
    public var multipliesBF16: Bool { ganrm_kernels_at(cValue)?.pointee.multiplies_bf16 ?? false }

    /// The precision of `auto`: the fastest with bfloat16's accuracy.
    var automaticPrecision: Precision { ganrm_bf16_is_fast(cValue) ? .bf16 : .f32 }

    /// The precisions that the level computes in.
    public var precisions: [Precision] { multipliesBF16 ? [.f32, .bf16, .int8] : [.f32, .int8] }
}

/// A CPU level that cannot be chosen.
public struct CPULevelError: Error, Hashable, CustomStringConvertible {
    let name: String
    /// Whether other processors have the level.
    let isKnown: Bool
    let available: [String]
    /// Where the name comes from.
    var source = "--cpu-level"

    public var description: String {
        let list = available.joined(separator: ", ")
        return isKnown
            ? "\(source): this processor does not have '\(name)'; it has \(list)"
            : "\(source): '\(name)' is no CPU level; this processor has \(list)"
    }
}
