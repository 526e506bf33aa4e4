/// The inside of an array that is being written: values, nothing else.
public struct JSONArrayWriter: ~Copyable {
    private var sink: JSONSink
    private var isEmpty = true

    init(taking sink: inout JSONSink) {
        self.sink = sink.take()
    }

    mutating func giveBack(_ sink: inout JSONSink) {
        sink = self.sink.take()
    }

    /// Appends what stands before a value: a comma where one is needed.
    private mutating func start() {
        if !isEmpty { sink.put(0x2C) }
        isEmpty = false
    }

    /// Adds a string.
    public mutating func append(_ value: String) {
        start()
        sink.put(string: value)
    }

    /// Adds an integer.
    public mutating func append(_ value: Int64) {
        start()
        sink.put(integer: value)
    }

    /// Adds an integer.
    public mutating func append(_ value: Int) {
        start()
        sink.put(integer: Int64(value))
    }

    /// Adds an integer as a string of its digits, as `"1443000"`.
    public mutating func append(quoted value: Int64) {
        start()
        sink.put(0x22)
        sink.put(integer: value)
        sink.put(0x22)
    }

    /// Adds `true` or `false`.
    public mutating func append(_ value: Bool) {
        start()
        sink.put(bool: value)
    }

    /// Adds `null`.
    public mutating func appendNull() {
        start()
        sink.putNull()
    }

    /// Adds a number, byte for byte as its text says.
    ///
    /// - Throws: `JSONError` where the text is no JSON number; nothing is added then.
    public mutating func append(number text: String) throws(JSONError) {
        try append(number: text.utf8.span)
    }

    /// Adds a number, byte for byte as its text says.
    ///
    /// - Throws: `JSONError` where the text is no JSON number; nothing is added then.
    public mutating func append(number text: Span<UInt8>) throws(JSONError) {
        try adding() { sink throws(JSONError) in try sink.put(number: text) }
    }

    /// Adds a value that is JSON already.
    ///
    /// - Throws: `JSONError` where the text is not one valid JSON value; nothing is added then.
    public mutating func append(json text: Span<UInt8>) throws(JSONError) {
        try adding() { sink throws(JSONError) in try sink.put(json: text) }
    }

    /// Adds an object; nothing is added when `fill` throws.
    public mutating func object<E>(
        _ fill: (inout JSONObjectWriter) throws(E) -> Void
    ) throws(E) {
        try adding() { sink throws(E) in try sink.putObject(fill) }
    }

    /// Adds an array; nothing is added when `fill` throws.
    public mutating func array<E>(
        _ fill: (inout JSONArrayWriter) throws(E) -> Void
    ) throws(E) {
        try adding() { sink throws(E) in try sink.putArray(fill) }
    }

    /// Adds what `put` appends; when it throws, not even the comma remains.
    private mutating func adding<E>(
        _ put: (inout JSONSink) throws(E) -> Void
    ) throws(E) {
        let before = (sink.bytes.count, isEmpty)
        start()
        do {
            try put(&sink)
        } catch {
            sink.bytes.removeLast(sink.bytes.count - before.0)
            isEmpty = before.1
            throw error
        }
    }
}
