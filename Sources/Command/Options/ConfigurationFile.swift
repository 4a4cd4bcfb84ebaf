import Files
import Foundation
import Pipeline
import YAML

/// A YAML file of command-line options, whose keys are a command's long options.
///
///     proxy: [good/, more/]
///     generated: raw.jsonl
///     learning_rate: 3e-4
///     standardize: true
///
/// Paths are relative to the working directory, as on the command line. Options on the command line
/// take precedence.
enum ConfigurationFile {
    private static let option = "--config"

    /// Inserts the options of the configuration file after the subcommand's name.
    ///
    /// - Parameter arguments: Without the program's name; returned unchanged if they name no file.
    /// - Throws: `CommandError.file` or `.configuration`.
    static func expanded(_ arguments: [String]) throws -> [String] {
        guard let path = path(in: arguments) else { return arguments }
        let given = arguments.prefix { $0 != "--" }
        return ["train"] + (try options(of: path, without: given)) + arguments.dropFirst()
    }

    /// The file that the arguments name; nil if there is none.
    private static func path(in arguments: [String]) -> String? {
        let given = arguments.prefix { $0 != "--" }
        guard arguments.first == "train" else { return nil }
        return given.enumerated().lazy.compactMap { index, argument -> String? in
            if argument.hasPrefix(option + "=") {
                return String(argument.dropFirst(option.count + 1))
            }
            return argument == option && index + 1 < given.count ? given[index + 1] : nil
        }.first
    }

    /// Adds file and line to a usage error about an option that only the configuration file gives.
    static func located(_ message: String, arguments: [String]) -> String {
        guard let path = path(in: arguments),
            let name = option(in: message),
            !arguments.contains(where: { $0 == name || $0.hasPrefix(name + "=") }),
            let text = try? WholeFile.text(path, failing: CommandError.file),
            let file = try? YAMLMapping(parsing: text, otherwise: ""),
            let line = file.elements.first(where: { optionName($0.key) == name })?.value.line
        else { return message }
        return message.replacing("Error: ", with: "Error: \(path):\(line): ", maxReplacements: 1)
    }

    /// The option that a usage error is about, as `--option` or as the `setting` of that name.
    private static func option(in message: String) -> String? {
        if let setting = message.firstMatch(of: #/^Error: setting '([a-z][a-z _-]*)'/#)?.1 {
            return optionName(String(setting))
        }
        return (message.firstMatch(of: #/^Error: .*?(--[a-z0-9-]+)/#)?.1).map(String.init)
    }

    /// The option of a key or of the name of a setting.
    private static func optionName(_ key: String) -> String {
        "--" + key.replacing(#/[_ ]/#, with: "-")
    }

    private static func options(
        of path: String, without given: some Sequence<String>
    ) throws -> [String] {
        let text = try WholeFile.text(path, failing: CommandError.file)
        let names = Set(given.map { String($0.prefix { $0 != "=" }) })
        var options: [String] = []
        do throws(YAMLError) {
            let file = try YAMLMapping(
                parsing: text, otherwise: "the file is not a mapping of options to values")
            for (word, value) in file.elements {
                let name = optionName(word)
                if names.contains(name) || (name == "--output" && names.contains("-o")) { continue }
                if let isOn = value.bool {
                    if isOn { options.append(name) }
                } else if let scalar = value.scalar {
                    // A negative number would be taken for an option.
                    options += scalar.hasPrefix("-") ? [name + "=" + scalar] : [name, scalar]
                } else if value.elements == nil {
                    throw YAMLError(
                        line: value.line, reason: "'\(word)' is neither a value nor a list")
                } else if let words = value.elements(\.scalar), !words.isEmpty {
                    options += [name] + words
                } else {
                    throw YAMLError(
                        line: value.line, reason: "'\(word)' holds more than a list of words")
                }
            }
        } catch {
            throw CommandError.configuration(path: path, line: error.line, reason: error.reason)
        }
        return options
    }
}
