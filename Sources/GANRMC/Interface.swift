// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CGANRM
import GANRM

// The functions of ganrm.h; the compiler compares each signature with the header. What they do is
// `FilterHandle`'s; here pointers are checked and errors become codes.

/// Never freed, as the header promises.
nonisolated(unsafe) private let version: UnsafePointer<CChar> = {
    let text = Array(ganrmVersion.utf8CString)
    let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.count)
    _ = copy.initialize(from: text)
    return UnsafePointer(copy.baseAddress!)
}()

@c @implementation
public func ganrm_version() -> UnsafePointer<CChar>! {
    version
}

@c @implementation
public func ganrm_settings_init(_ settings: UnsafeMutablePointer<ganrm_settings>!) {
    settings?.initialize(to: ganrm_settings())
}

@c @implementation
public func ganrm_open(
    _ filter: UnsafeMutablePointer<OpaquePointer?>!, _ settings: UnsafePointer<ganrm_settings>!
) -> CInt {
    guard let filter else { return refuse("ganrm_open: filter is NULL") }
    filter.pointee = nil
    guard let settings else { return refuse("ganrm_open: settings is NULL") }
    return coded { () throws(FilterFailure) in
        let handle = try FilterHandle(settings.pointee)
        filter.pointee = OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
        return GANRM_OK
    }
}

@c @implementation
public func ganrm_push(
    _ filter: OpaquePointer!, _ rgb: UnsafePointer<UInt8>!, _ width: CInt, _ height: CInt,
    _ stride: Int, _ seconds: Double
) -> CInt {
    guard let filter else { return refuse("ganrm_push: filter is NULL") }
    guard let rgb else { return refuse("ganrm_push: rgb is NULL") }
    return coded { () throws(FilterFailure) in
        try handle(filter).push(
            rgb, width: Int(width), height: Int(height), stride: stride, seconds: seconds)
        return GANRM_OK
    }
}

@c @implementation
public func ganrm_pull(
    _ filter: OpaquePointer!, _ score: UnsafeMutablePointer<ganrm_score>!
) -> CInt {
    guard let filter else { return refuse("ganrm_pull: filter is NULL") }
    guard let score else { return refuse("ganrm_pull: score is NULL") }
    let handle = handle(filter)
    guard let next = handle.pull() else {
        return CInt(handle.isFlushed ? GANRM_END : GANRM_AGAIN)
    }
    score.initialize(to: next)
    return CInt(GANRM_OK)
}

@c @implementation
public func ganrm_flush(_ filter: OpaquePointer!) -> CInt {
    guard let filter else { return refuse("ganrm_flush: filter is NULL") }
    return coded { () throws(FilterFailure) in
        try handle(filter).flush()
        return GANRM_OK
    }
}

@c @implementation
public func ganrm_close(_ filter: UnsafeMutablePointer<OpaquePointer?>!) {
    guard let filter, let open = filter.pointee else { return }
    filter.pointee = nil
    Unmanaged<FilterHandle>.fromOpaque(UnsafeRawPointer(open)).release()
}

private func handle(_ filter: OpaquePointer) -> FilterHandle {
    Unmanaged<FilterHandle>.fromOpaque(UnsafeRawPointer(filter)).takeUnretainedValue()
}

private func refuse(_ message: String) -> CInt {
    cganrm_set_message(message)
    return CInt(GANRM_ERROR_ARGUMENT)
}

/// Runs `body` and turns what it throws into a code and a message.
private func coded(_ body: () throws(FilterFailure) -> Int) -> CInt {
    do {
        return CInt(try body())
    } catch {
        cganrm_set_message(error.message)
        return CInt(error.code)
    }
}
