/// The way in which a generator names its outputs: what in a name stands for the prompt, and what
/// for the candidate.
struct NamingScheme: Sendable {
    /// What the candidates of a prompt have in common.
    enum Group: Sendable, Hashable {
        case name(String)
        /// The names do not tell the prompt: all such files of a folder are candidates of one.
        case folder
    }

    /// The group of a file name without extension; nil if it is not of this scheme.
    let group: @Sendable (Substring) -> Group?

    /// All schemes; the first that matches counts.
    static let all: [NamingScheme] = [
        .comfyUI, .dateBehind, .dateBefore, .openSora, .webUI, .ltxVideo, .dynamiCrafter, .seed,
        .number,
    ]

    /// The group of a file name without extension; nil if no scheme matches.
    static func group(of name: String) -> Group? {
        let name = name[...]
        return all.lazy.compactMap { $0.group(name) }.first
    }
}

extension NamingScheme {
    /// `ComfyUI_00001_`: prefix and counter.
    ///
    /// Source: ComfyUI, `nodes.py`, `SaveImage.save_images`.
    static let comfyUI = NamingScheme { name in
        guard name.last == "_", let (rest, digits) = name.dropLast().splitNumber(),
            digits.count >= 5
        else { return nil }
        return .name(String(rest))
    }

    /// `t2v-14B_1280*720_1_1_A_cat_20250301_121314`: prompt, date and time, also with a number
    /// behind them.
    ///
    /// Source: Wan2.1, `generate.py`, `generate`.
    static let dateBehind = NamingScheme { name in
        for candidate in [name, name.splitNumber()?.rest] {
            guard let candidate, let rest = candidate.droppingDate(fromEnd: true) else { continue }
            return rest.isEmpty ? .folder : .name(String(rest))
        }
        return nil
    }

    /// `2025-03-01-12:13:14_seed42_A cat`, `2025-03-01_12-13-14_1234`.
    ///
    /// Sources: HunyuanVideo, `sample_video.py`; Fooocus, `modules/util.py`,
    /// `generate_temp_filename`.
    static let dateBefore = NamingScheme { name in
        guard var rest = name.droppingDate(fromEnd: false) else { return nil }
        if rest.hasPrefix("seed") {
            let behind = rest.dropFirst(4).drop { $0.isASCIIDigit }
            if behind.first == "_" { rest = behind.dropFirst() }
        } else if let (prompt, _) = rest.splitNumber() {
            rest = prompt
        }
        return rest.allSatisfy(\.isASCIIDigit) ? .folder : .name(String(rest))
    }

    /// `sample_0007`: the number of the prompt. Several candidates have names like `sample_0007-1`.
    ///
    /// Source: Open-Sora 1.2, `opensora/utils/inference_utils.py`, `get_save_path_name`.
    static let openSora = NamingScheme { name in
        guard let (rest, digits) = name.splitNumber(), rest == "sample", digits.count == 4 else {
            return nil
        }
        return .name(String(name))
    }

    /// `00012-1234567`, `00012-1234567-a cat`: counter, seed, and the prompt if it was asked for.
    ///
    /// Source: stable-diffusion-webui, `modules/images.py`, `save_image`.
    static let webUI = NamingScheme { name in
        let counter = name.prefix { $0.isASCIIDigit }
        guard counter.count >= 5, name[counter.endIndex...].first == "-" else { return nil }
        let behind = name[counter.endIndex...].dropFirst()
        let seed = behind.prefix { $0.isASCIIDigit }
        guard (6...10).contains(seed.count) else { return nil }
        let prompt = behind[seed.endIndex...]
        if prompt.isEmpty { return .folder }
        return prompt.first == "-" && prompt.count > 1 ? .name(String(prompt.dropFirst())) : nil
    }

    /// `video_output_0_a-cat_171198_704x480x121_0`: prompt, seed, size and number.
    ///
    /// Source: LTX-Video, `inference.py`, `get_unique_filename`.
    static let ltxVideo = NamingScheme { name in
        guard let sized = name.splitNumber()?.rest,
            let bar = sized.lastIndex(of: "_"),
            sized[bar...].dropFirst().split(separator: "x", omittingEmptySubsequences: false)
                .map({ $0.isEmpty ? false : $0.allSatisfy(\.isASCIIDigit) }) == [true, true, true],
            let (rest, _) = sized[..<bar].splitNumber()
        else { return nil }
        return .name(String(rest))
    }

    /// `0001_sample0`.
    ///
    /// Source: DynamiCrafter, `scripts/evaluation/inference.py`, `save_results_seperate`.
    static let dynamiCrafter = NamingScheme { $0.droppingNumber(after: "sample") }

    /// `a cat_seed42`.
    static let seed = NamingScheme { $0.droppingNumber(after: "seed") }

    /// `0007_2`, `a cat-1`: the last number is that of the candidate.
    static let number = NamingScheme { name in
        name.splitNumber().map { .name(String($0.rest)) }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

extension Substring {
    /// Splits a name at the `_` or `-` before the number at its end; nil if it has none.
    fileprivate func splitNumber() -> (rest: Substring, digits: Substring)? {
        // On bytes: a million names take a second.
        let count = utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        guard count > 0 else { return nil }
        let rest = utf8.dropLast(count)
        guard rest.count > 1, rest.last == UInt8(ascii: "_") || rest.last == UInt8(ascii: "-")
        else { return nil }
        return (Substring(rest.dropLast()), Substring(utf8.suffix(count)))
    }

    /// The group of a name that ends with `_`, a word and a number.
    fileprivate func droppingNumber(after word: String) -> NamingScheme.Group? {
        let count = utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        let rest = dropLast(count)
        guard count > 0, rest.hasSuffix("_" + word) || rest.hasSuffix("-" + word),
            rest.count > word.count + 1
        else { return nil }
        return .name(String(rest.dropLast(word.count + 1)))
    }

    /// The name without the date at its end or beginning and the separator beside it; nil if there
    /// is no date. A time of day may follow the date.
    fileprivate func droppingDate(fromEnd: Bool) -> Substring? {
        guard utf8.count >= 8 else { return nil }
        for form in Self.dateForms where utf8.count >= form.count {
            let part = fromEnd ? utf8.suffix(form.count) : utf8.prefix(form.count)
            guard zip(part, form).allSatisfy(Self.fits), Self.isDate(part) else { continue }
            let rest = fromEnd ? utf8.dropLast(form.count) : utf8.dropFirst(form.count)
            guard let beside = fromEnd ? rest.last : rest.first else { return "" }
            guard
                beside == UInt8(ascii: "_") || beside == UInt8(ascii: "-")
                    || beside == UInt8(ascii: " ")
            else { continue }
            return Substring(fromEnd ? rest.dropLast() : rest.dropFirst())
        }
        return nil
    }

    /// Forms of a date with a time: `0` stands for a digit, `-` for a separator. The date alone is
    /// accepted with separators only: eight digits may be a number.
    private static let dateForms = [
        "0000-00-00-00-00-00", "00000000-000000", "0000-00-00-000000", "0000-00-00",
    ].map { Array($0.utf8) }

    private static func fits(_ byte: UInt8, _ form: UInt8) -> Bool {
        form == UInt8(ascii: "0")
            ? (0x30...0x39).contains(byte) : "-_:. T".utf8.contains(byte)
    }

    /// Whether the first eight digits are a year from 1990 to 2099, a month and a day.
    private static func isDate(_ bytes: some Collection<UInt8>) -> Bool {
        let digits = bytes.filter { (0x30...0x39).contains($0) }.prefix(8).map { Int($0) - 0x30 }
        let year = digits[0..<4].reduce(0) { $0 * 10 + $1 }
        return (1990...2099).contains(year) && (1...12).contains(digits[4] * 10 + digits[5])
            && (1...31).contains(digits[6] * 10 + digits[7])
    }
}
