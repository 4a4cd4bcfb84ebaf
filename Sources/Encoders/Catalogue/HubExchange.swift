import CCurl
import Foundation

/// One HTTP request and its answer, without redirects: those are the caller's decision.
final class HubExchange {
    /// Status line and headers of the answer; names in lower case.
    struct Answer {
        var status = 0
        var headers: [String: String] = [:]
        /// Where a redirect leads, absolute.
        var redirect: String?
    }

    private(set) var answer = Answer()
    private let receive: (UnsafeRawBufferPointer, Answer) -> Bool

    private init(_ receive: @escaping (UnsafeRawBufferPointer, Answer) -> Bool) {
        self.receive = receive
    }

    private static let initialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Sends a GET request.
    ///
    /// - Parameter receive: Gets the body in pieces, which must not leave it; false ends the exchange.
    /// - Returns: The answer, and curl's reason if the exchange did not end well.
    static func get(
        _ url: String, headers: [String],
        receive: @escaping (UnsafeRawBufferPointer, Answer) -> Bool
    ) -> (answer: Answer, failure: String?) {
        guard initialised, let curl = curl_easy_init() else {
            return (Answer(), "libcurl cannot be initialised")
        }
        defer { curl_easy_cleanup(curl) }
        let exchange = HubExchange(receive)
        var list: UnsafeMutablePointer<curl_slist>?
        for header in headers { list = curl_slist_append(list, header) }
        defer { curl_slist_free_all(list) }
        ganrm_curl_set_text(curl, CURLOPT_URL, url)
        ganrm_curl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        ganrm_curl_set_text(curl, CURLOPT_USERAGENT, "ganrm")
        ganrm_curl_set_pointer(curl, CURLOPT_HTTPHEADER, list)
        ganrm_curl_set_number(curl, CURLOPT_FOLLOWLOCATION, 0)
        ganrm_curl_set_number(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        ganrm_curl_set_number(curl, CURLOPT_NOSIGNAL, 1)
        ganrm_curl_set_number(curl, CURLOPT_BUFFERSIZE, 256 << 10)
        ganrm_curl_set_number(curl, CURLOPT_CONNECTTIMEOUT, 30)
        // Less than 1 byte a second for a minute: the line is dead.
        ganrm_curl_set_number(curl, CURLOPT_LOW_SPEED_LIMIT, 1)
        ganrm_curl_set_number(curl, CURLOPT_LOW_SPEED_TIME, 60)
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        ganrm_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        ganrm_curl_set_function(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let exchange = Unmanaged<HubExchange>.fromOpaque(context).takeUnretainedValue()
            exchange.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        ganrm_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        ganrm_curl_set_function(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let exchange = Unmanaged<HubExchange>.fromOpaque(context).takeUnretainedValue()
            let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
            // Any other number tells curl to stop.
            return exchange.receive(piece, exchange.answer) ? size * count : 0
        }
        let code = withExtendedLifetime(exchange) { curl_easy_perform(curl) }
        var redirect: UnsafePointer<CChar>?
        ganrm_curl_get_text(curl, CURLINFO_REDIRECT_URL, &redirect)
        var answer = exchange.answer
        answer.redirect = redirect.map { String(cString: $0) }
        return (answer, code == CURLE_OK ? nil : String(cString: curl_easy_strerror(code)))
    }

    private func takeHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("HTTP/") {
            // A new answer begins; what stood before was an interim one, such as 100.
            answer = Answer()
            answer.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            answer.headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
    }
}
