import CCurl
import Foundation

/// One HTTP request and its response; redirects are left to the caller.
final class HTTPRequest {
    /// Status and headers of a response.
    struct Response {
        /// HTTP status code; 0 without a response.
        var status = 0
        /// Headers by lower-case name.
        var headers: [String: String] = [:]
        /// Absolute URL of a redirect.
        var redirect: String?
    }

    private(set) var response = Response()
    private let receive: (UnsafeRawBufferPointer, Response) -> Bool

    private init(_ receive: @escaping (UnsafeRawBufferPointer, Response) -> Bool) {
        self.receive = receive
    }

    private static let initialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Sends a GET request.
    ///
    /// - Parameter receive: Called with the chunks of the body; the pointer must not leave it.
    ///   Returning false aborts the transfer.
    /// - Returns: The response, and curl's error message if the transfer failed.
    static func get(
        _ url: String, headers: [String],
        receive: @escaping (UnsafeRawBufferPointer, Response) -> Bool
    ) -> (response: Response, failure: String?) {
        guard initialised, let curl = curl_easy_init() else {
            return (Response(), "libcurl cannot be initialised")
        }
        defer { curl_easy_cleanup(curl) }
        let exchange = HTTPRequest(receive)
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
        // Time out after a minute with less than 1 byte per second.
        ganrm_curl_set_number(curl, CURLOPT_LOW_SPEED_LIMIT, 1)
        ganrm_curl_set_number(curl, CURLOPT_LOW_SPEED_TIME, 60)
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        ganrm_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        ganrm_curl_set_function(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let exchange = Unmanaged<HTTPRequest>.fromOpaque(context).takeUnretainedValue()
            exchange.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        ganrm_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        ganrm_curl_set_function(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let exchange = Unmanaged<HTTPRequest>.fromOpaque(context).takeUnretainedValue()
            let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
            // curl aborts the transfer if any other value is returned.
            return exchange.receive(chunk, exchange.response) ? size * count : 0
        }
        let code = withExtendedLifetime(exchange) { curl_easy_perform(curl) }
        var redirect: UnsafePointer<CChar>?
        ganrm_curl_get_text(curl, CURLINFO_REDIRECT_URL, &redirect)
        var response = exchange.response
        response.redirect = redirect.map { String(cString: $0) }
        return (response, code == CURLE_OK ? nil : String(cString: curl_easy_strerror(code)))
    }

    private func takeHeader(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("HTTP/") {
            // A new response starts; any previous one was informational, such as 100.
            response = Response()
            response.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            response.headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
    }
}
