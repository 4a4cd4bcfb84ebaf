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

    /// A transfer that failed.
    struct Failure {
        /// curl's error message.
        var reason: String
        /// Whether there was no connection to the server: no network, no such host, nobody listens.
        var isUnreachable: Bool
    }

    /// Seconds until a connection is given up. On a machine without network access name resolution
    /// fails at once; behind a firewall that drops packets it does not.
    private static let connectTimeout = 10
    /// A transfer that is slower, in bytes per second, for `HubSettings.stallSeconds` has stalled.
    private static let lowestSpeed = 512
    /// Maximum length of all headers of a request's responses, in bytes; the hub's have 4 kB.
    private static let headerLimit = 256 << 10

    private(set) var response = Response()
    private var headerByteCount = 0
    private let receive: (UnsafeRawBufferPointer, Response) -> Bool

    private init(_ receive: @escaping (UnsafeRawBufferPointer, Response) -> Bool) {
        self.receive = receive
    }

    private static let initialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Sends a GET request. Only bodies with status 200 and 206 are read; the bodies of redirects and
    /// errors could be endless.
    ///
    /// - Parameters:
    ///   - stallSeconds: Seconds after which a transfer without progress is given up.
    ///   - receive: Called with the chunks of the body; the pointer must not leave it. Returning
    ///     false aborts the transfer.
    /// - Returns: The response, and the failure if a transfer of status 200 or 206 was not completed
    ///   or there is no response.
    static func get(
        _ url: String, headers: [String], stallSeconds: Int,
        receive: @escaping (UnsafeRawBufferPointer, Response) -> Bool
    ) -> (response: Response, failure: Failure?) {
        guard initialised, let curl = curl_easy_init() else {
            return (
                Response(),
                Failure(reason: "libcurl cannot be initialised", isUnreachable: false)
            )
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
        ganrm_curl_set_number(curl, CURLOPT_CONNECTTIMEOUT, connectTimeout)
        ganrm_curl_set_number(curl, CURLOPT_LOW_SPEED_LIMIT, lowestSpeed)
        ganrm_curl_set_number(curl, CURLOPT_LOW_SPEED_TIME, stallSeconds)
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        ganrm_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        ganrm_curl_set_function(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let exchange = Unmanaged<HTTPRequest>.fromOpaque(context).takeUnretainedValue()
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            // curl aborts the transfer if any other value is returned.
            return exchange.takeHeader(line) ? size * count : 0
        }
        ganrm_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        ganrm_curl_set_function(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let exchange = Unmanaged<HTTPRequest>.fromOpaque(context).takeUnretainedValue()
            let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return exchange.receive(chunk, exchange.response) ? size * count : 0
        }
        let code = withExtendedLifetime(exchange) { curl_easy_perform(curl) }
        var redirect: UnsafePointer<CChar>?
        ganrm_curl_get_text(curl, CURLINFO_REDIRECT_URL, &redirect)
        var response = exchange.response
        response.redirect = redirect.map { String(cString: $0) } ?? response.location(from: url)
        if code == CURLE_OK || exchange.hasRefusedBody { return (response, nil) }
        let unreachable = [
            CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
        ]
        return (
            response,
            Failure(
                reason: exchange.headerByteCount > headerLimit
                    ? "headers of more than \(headerLimit >> 10) KiB"
                    : String(cString: curl_easy_strerror(code)),
                isUnreachable: unreachable.contains(code)
                    || code == CURLE_OPERATION_TIMEDOUT && exchange.headerByteCount == 0)
        )
    }

    /// Whether the transfer was aborted at the start of a body that is not read.
    private var hasRefusedBody = false

    /// Parses a header line; returns false if the transfer must be aborted.
    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerByteCount += bytes.count
        guard headerByteCount <= Self.headerLimit else { return false }
        let line = String(decoding: bytes, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("HTTP/") {
            // A new response starts; any previous one was informational, such as 100.
            response = Response()
            response.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            response.headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        } else if line.isEmpty {
            // The end of the headers. Informational responses, 1xx, are followed by another.
            hasRefusedBody = response.status >= 300
            return !hasRefusedBody
        }
        return true
    }
}

extension HTTPRequest.Response {
    /// The absolute URL of the header `Location` in the response of `url`.
    fileprivate func location(from url: String) -> String? {
        guard (300..<400).contains(status), let location = headers["location"] else { return nil }
        return URL(string: location, relativeTo: URL(string: url))?.absoluteString
    }
}
