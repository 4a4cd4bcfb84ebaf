import TestSupport
import TextFormats

/// The JSON lines that a run printed.
func rows(_ run: CommandRun) throws -> [JSONValue] {
    try run.lines.map { try JSONValue(parsing: $0) }
}
