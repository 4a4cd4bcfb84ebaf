import Foundation

/// A socket bound to a free port of 127.0.0.1; the caller closes it.
func loopbackSocket(datagrams: Bool) throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32((datagrams ? SOCK_DGRAM : SOCK_STREAM).rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
    }
    guard descriptor >= 0, bound else { throw POSIXError(.EADDRNOTAVAIL) }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// A port of 127.0.0.1 that is currently free.
public func freePort(datagrams: Bool) throws -> UInt16 {
    let (descriptor, port) = try loopbackSocket(datagrams: datagrams)
    close(descriptor)
    return port
}

/// Waits until a program listens on a local port, according to `/proc/net`.
public func waitForListener(at port: UInt16, datagrams: Bool) throws {
    let hexadecimal = String(port, radix: 16, uppercase: true)
    let suffix = ":" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
    let end = Date(timeIntervalSinceNow: BackgroundProcess.timeoutSeconds)
    while Date() < end {
        for table in datagrams ? ["udp", "udp6"] : ["tcp", "tcp6"] {
            let text = (try? String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n") {
                let fields = line.split(separator: " ")
                // State 0A is TCP_LISTEN.
                if fields.count > 3, fields[1].hasSuffix(suffix), datagrams || fields[3] == "0A" {
                    return
                }
            }
        }
        usleep(20_000)
    }
    throw BackgroundProcess.Late(waitedFor: "a listener at port \(port)")
}
