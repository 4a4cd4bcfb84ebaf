import Foundation
import Glibc

/// What Prometheus's client libraries tell of their process.
struct ProcessFigures {
    let name: String
    let kind: String
    let help: String
    let value: String

    static func all() -> [ProcessFigures] {
        var usage = rusage()
        getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        var figures = [
            ProcessFigures(
                name: "process_cpu_seconds_total", kind: "counter",
                help: "User and system time in seconds.",
                value: "\(seconds(usage.ru_utime) + seconds(usage.ru_stime))")
        ]
        if let pages = residentPages {
            figures.append(
                ProcessFigures(
                    name: "process_resident_memory_bytes", kind: "gauge",
                    help: "Resident memory in bytes.",
                    value: "\(pages * sysconf(CInt(_SC_PAGESIZE)))"))
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            figures.append(
                ProcessFigures(
                    name: "process_open_fds", kind: "gauge", help: "Open file descriptors.",
                    value: "\(files.count)"))
        }
        return figures
    }

    private static var residentPages: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
            return nil
        }
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
}
