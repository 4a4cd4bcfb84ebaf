import ArgumentParser
import Encoders
import Foundation
import Pipeline

/// Options for how encoders run, besides their precision.
struct ComputeOptions: ParsableArguments {
    @Option(help: "Number of threads, 1 to 1024 (default: one per processor).")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Instructions to compute with (default: the fastest of the processor).",
            valueName: "level"),
        completion: .list(CPULevel.allNames))
    var cpuLevel: String?

    @Option(help: "Clips per batch, 1 to 4096; does not change the results.")
    var batch: Int = 4

    // Without effect: weights are only downloaded by `ganrm models pull`.
    @Flag(help: "Never access the network.")
    var offline = false

    func validate() throws {
        try OptionRange.check("--threads", threads, Encoder.threadCounts)
        try OptionRange.check("--batch", batch, EncodingPipeline.batchSizes)
        do {
            try chosenCPULevel()?.use()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// The CPU level that the option or the environment names; nil leaves the choice to the processor.
    func chosenCPULevel() throws(CPULevelError) -> CPULevel? {
        guard let cpuLevel else { return try CPULevel.ofEnvironment() }
        return try CPULevel(named: cpuLevel)
    }

    var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }
}
