/// Writes JSON texts into one buffer that is used again and again.
///
/// Structure comes from closures: an object's closure can only add keys with values, an array's
/// only values, so that commas, colons and brackets are always right. Nothing is allocated once the
/// buffer has grown to the size of the texts.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object { message in
///     message.field("op", "mtgox.subscribe")
///     message.field("price_int", quoted: 1_443_000)
///     message.array("types") { types in types.append("depth") }
/// }
/// send(writer.bytes)
/// ```
public struct JSONWriter: Sendable {
    private var sink: JSONSink

    /// Creates a writer whose buffer holds `capacity` bytes before it grows.
    public init(escaping: JSONEscaping = .minimal, capacity: Int = 256) {
        sink = JSONSink(bytes: [], escaping: escaping)
        sink.bytes.reserveCapacity(capacity)
    }

    /// The text written last; empty before the first one.
    ///
    /// A copy that is kept makes the next text allocate a new buffer.
    public var bytes: [UInt8] { sink.bytes }

    /// The text written last, lent.
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { sink.bytes.span }
    }

    /// Writes one object, in place of the text before; nothing remains when `fill` throws.
    public mutating func object<E>(
        _ fill: (inout JSONObjectWriter) throws(E) -> Void
    ) throws(E) {
        sink.bytes.removeAll(keepingCapacity: true)
        try sink.putObject(fill)
    }

    /// Writes one array, in place of the text before; nothing remains when `fill` throws.
    public mutating func array<E>(
        _ fill: (inout JSONArrayWriter) throws(E) -> Void
    ) throws(E) {
        sink.bytes.removeAll(keepingCapacity: true)
        try sink.putArray(fill)
    }

    /// Appends one object to `buffer`, which may hold anything: a frame's head, other texts.
    ///
    /// `buffer` is as before when `fill` throws.
    public static func appendObject<E>(
        to buffer: inout [UInt8], escaping: JSONEscaping = .minimal,
        _ fill: (inout JSONObjectWriter) throws(E) -> Void
    ) throws(E) {
        var sink = JSONSink(bytes: [], escaping: escaping)
        swap(&sink.bytes, &buffer)
        defer { swap(&sink.bytes, &buffer) }
        try sink.putObject(fill)
    }

    /// Appends one array to `buffer`, which may hold anything: a frame's head, other texts.
    ///
    /// `buffer` is as before when `fill` throws.
    public static func appendArray<E>(
        to buffer: inout [UInt8], escaping: JSONEscaping = .minimal,
        _ fill: (inout JSONArrayWriter) throws(E) -> Void
    ) throws(E) {
        var sink = JSONSink(bytes: [], escaping: escaping)
        swap(&sink.bytes, &buffer)
        defer { swap(&sink.bytes, &buffer) }
        try sink.putArray(fill)
    }

    /// Appends one string with its quotes to `buffer`, which may hold anything: for texts whose other
    /// parts are constant.
    public static func appendString(
        _ text: String, to buffer: inout [UInt8], escaping: JSONEscaping = .minimal
    ) {
        var sink = JSONSink(bytes: [], escaping: escaping)
        swap(&sink.bytes, &buffer)
        sink.put(string: text)
        swap(&sink.bytes, &buffer)
    }
}
