// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CGANRM
import Scoring

// The functions of ganrm.h; the compiler checks each signature against the header. They only check
// pointers and translate errors into codes; `ModelHandle` and `FilterHandle` do the work.

/// Never freed: the header promises a static lifetime.
private let version = CString(ganrmVersion)

@c @implementation
public func ganrm_version() -> UnsafePointer<CChar>! {
    version.characters
}

@c @implementation
public func ganrm_model_settings_init(
    _ settings: UnsafeMutablePointer<ganrm_model_settings>!, _ size: Int
) {
    guard let settings else { return }
    ganrm_model_settings.initialize(settings, size: size)
}

@c @implementation
public func ganrm_filter_settings_init(
    _ settings: UnsafeMutablePointer<ganrm_filter_settings>!, _ size: Int
) {
    guard let settings else { return }
    ganrm_filter_settings.initialize(settings, size: size)
}

@c @implementation
public func ganrm_frame_init(_ frame: UnsafeMutablePointer<ganrm_frame>!, _ size: Int) {
    guard let frame else { return }
    ganrm_frame.initialize(frame, size: size)
}

@c @implementation
public func ganrm_model_open(
    _ model: UnsafeMutablePointer<OpaquePointer?>!, _ settings: UnsafePointer<ganrm_model_settings>!
) -> CInt {
    guard let model else { return refuse("ganrm_model_open: model is NULL") }
    model.pointee = nil
    return coded { () throws(InterfaceError) in
        let settings = try settings.map { (pointer) throws(InterfaceError) in
            try ganrm_model_settings(reading: pointer)
        }
        model.pointee = retained(try ModelHandle(settings ?? .defaults))
    }
}

@c @implementation
public func ganrm_model_close(_ model: UnsafeMutablePointer<OpaquePointer?>!) {
    release(ModelHandle.self, model)
}

@c @implementation
public func ganrm_model_name(_ model: OpaquePointer!) -> UnsafePointer<CChar>! {
    model.map { (borrowed($0) as ModelHandle).name.characters }
}

@c @implementation
public func ganrm_model_fingerprint(_ model: OpaquePointer!) -> UnsafePointer<CChar>! {
    model.map { (borrowed($0) as ModelHandle).fingerprint.characters }
}

@c @implementation
public func ganrm_filter_open(
    _ filter: UnsafeMutablePointer<OpaquePointer?>!, _ model: OpaquePointer!,
    _ settings: UnsafePointer<ganrm_filter_settings>!
) -> CInt {
    guard let filter else { return refuse("ganrm_filter_open: filter is NULL") }
    filter.pointee = nil
    guard let model else { return refuse("ganrm_filter_open: model is NULL") }
    let handle: ModelHandle = borrowed(model)
    return coded(log: handle.log) { () throws(InterfaceError) in
        let settings = try settings.map { (pointer) throws(InterfaceError) in
            try ganrm_filter_settings(reading: pointer)
        }
        filter.pointee = retained(
            try FilterHandle(handle, FilterSettings(settings ?? .defaults)))
    }
}

@c @implementation
public func ganrm_filter_get_settings(
    _ filter: OpaquePointer!, _ settings: UnsafeMutablePointer<ganrm_filter_settings>!
) -> CInt {
    guard let filter else { return refuse("ganrm_filter_get_settings: filter is NULL") }
    guard let settings else { return refuse("ganrm_filter_get_settings: settings is NULL") }
    return coded { () throws(InterfaceError) in
        try (borrowed(filter) as FilterHandle).settings.write(to: settings)
    }
}

@c @implementation
public func ganrm_filter_precision(_ filter: OpaquePointer!) -> UnsafePointer<CChar>! {
    filter.map { (borrowed($0) as FilterHandle).precision.characters }
}

@c @implementation
public func ganrm_filter_pending(_ filter: OpaquePointer!) -> Int64 {
    guard let filter else { return Int64(refuse("ganrm_filter_pending: filter is NULL")) }
    return Int64((borrowed(filter) as FilterHandle).oldestPendingIndex)
}

@c @implementation
public func ganrm_filter_push(
    _ filter: OpaquePointer!, _ frame: UnsafePointer<ganrm_frame>!
) -> CInt {
    guard let filter else { return refuse("ganrm_filter_push: filter is NULL") }
    guard let frame else { return refuse("ganrm_filter_push: frame is NULL") }
    return coded { () throws(InterfaceError) in
        try (borrowed(filter) as FilterHandle).push(ganrm_frame(reading: frame))
    }
}

@c @implementation
public func ganrm_filter_wants(_ filter: OpaquePointer!, _ seconds: Double) -> CInt {
    guard let filter else { return refuse("ganrm_filter_wants: filter is NULL") }
    let isWanted = (borrowed(filter) as FilterHandle)
        .wants(seconds: seconds.isFinite ? seconds : nil)
    return isWanted ? 1 : 0
}

@c @implementation
public func ganrm_filter_pull(
    _ filter: OpaquePointer!, _ score: UnsafeMutablePointer<ganrm_score>!
) -> CInt {
    guard let filter else { return refuse("ganrm_filter_pull: filter is NULL") }
    guard let score else { return refuse("ganrm_filter_pull: score is NULL") }
    let handle: FilterHandle = borrowed(filter)
    guard let next = handle.pull() else {
        return CInt(handle.isFlushed ? GANRM_END : GANRM_AGAIN)
    }
    score.initialize(to: next)
    return CInt(GANRM_OK)
}

@c @implementation
public func ganrm_filter_embedding(
    _ filter: OpaquePointer!, _ values: UnsafeMutablePointer<UnsafePointer<Float>?>!,
    _ count: UnsafeMutablePointer<Int>!
) -> CInt {
    guard let filter else { return refuse("ganrm_filter_embedding: filter is NULL") }
    guard let values else { return refuse("ganrm_filter_embedding: values is NULL") }
    guard let count else { return refuse("ganrm_filter_embedding: count is NULL") }
    let embedding = (borrowed(filter) as FilterHandle).lastEmbedding
    values.pointee = UnsafePointer(embedding.baseAddress)
    count.pointee = embedding.count
    return CInt(GANRM_OK)
}

@c @implementation
public func ganrm_filter_flush(_ filter: OpaquePointer!) -> CInt {
    guard let filter else { return refuse("ganrm_filter_flush: filter is NULL") }
    return coded { () throws(InterfaceError) in try (borrowed(filter) as FilterHandle).flush() }
}

@c @implementation
public func ganrm_filter_reset(_ filter: OpaquePointer!) -> CInt {
    guard let filter else { return refuse("ganrm_filter_reset: filter is NULL") }
    (borrowed(filter) as FilterHandle).reset()
    return CInt(GANRM_OK)
}

@c @implementation
public func ganrm_filter_close(_ filter: UnsafeMutablePointer<OpaquePointer?>!) {
    release(FilterHandle.self, filter)
}

/// Returns an owning (+1) opaque pointer, to be passed to `release`.
private func retained(_ handle: some AnyObject) -> OpaquePointer {
    OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
}

/// The object behind an opaque pointer, without a change of ownership.
private func borrowed<Handle: AnyObject>(_ pointer: OpaquePointer) -> Handle {
    Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
}

/// Clears the caller's pointer and gives up its reference; does nothing if it is NULL.
private func release<Handle: AnyObject>(
    _ type: Handle.Type, _ pointer: UnsafeMutablePointer<OpaquePointer?>!
) {
    guard let pointer, let open = pointer.pointee else { return }
    pointer.pointee = nil
    Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(open)).release()
}

/// Sets the thread's message and returns `GANRM_ERROR_ARGUMENT`.
private func refuse(_ message: String) -> CInt {
    cganrm_set_message(message)
    return CInt(GANRM_ERROR_ARGUMENT)
}

/// Runs `body`; on an error, logs it, sets the thread's message and returns the code.
private func coded(log: MessageLog? = nil, _ body: () throws(InterfaceError) -> Void) -> CInt {
    do {
        try body()
        return CInt(GANRM_OK)
    } catch {
        log?.write(GANRM_LOG_ERROR, error.message)
        cganrm_set_message(error.message)
        return CInt(error.code)
    }
}
