import Files
import Foundation
import Pipeline
import Yams

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
    /// - Throws: `GANRMError.file` or `.configuration`.
    static func expanded(_ arguments: [String]) throws -> [String] {
        let given = arguments.prefix { $0 != "--" }
        guard arguments.first == "train",
            let path = given.enumerated().lazy.compactMap({ index, argument -> String? in
                if argument.hasPrefix(option + "=") {
                    return String(argument.dropFirst(option.count + 1))
                }
                return argument == option && index + 1 < given.count ? given[index + 1] : nil
            }).first
        else { return arguments }
        return ["train"] + (try options(of: path, without: given)) + arguments.dropFirst()
    }

    private static func options(
        of path: String, without given: some Sequence<String>
    ) throws -> [String] {
        let text = try WholeFile.text(path, failing: GANRMError.file)
        func refuse(_ reason: String) -> GANRMError { .configuration(path: path, reason: reason) }
        let document: Node?
        do { document = try compose(yaml: text) } catch { throw refuse("\(error)") }
        guard let entries = document?.mapping else {
            throw refuse("it is not a mapping of options to values")
        }
        let names = Set(given.map { String($0.prefix { $0 != "=" }) })
        var options: [String] = []
        for (key, value) in entries {
            guard let word = key.string else { throw refuse("a key is not text") }
            let name = "--" + word.replacingOccurrences(of: "_", with: "-")
            if names.contains(name) || (name == "--output" && names.contains("-o")) { continue }
            switch value {
            case .scalar(let scalar):
                switch value.bool {
                case true?: options.append(name)
                case false?: break
                case nil: options += [name, scalar.string]
                }
            case .sequence(let elements):
                let words = elements.compactMap(\.scalar?.string)
                guard words.count == elements.count, !words.isEmpty else {
                    throw refuse("'\(word)' holds more than a list of words")
                }
                options += [name] + words
            case .mapping, .alias:
                throw refuse("'\(word)' is neither a value nor a list")
            }
        }
        return options
    }
}
