/// The inside of an object that is being written: keys with values, nothing else.
public struct JSONObjectWriter: ~Copyable {
    private var sink: JSONSink
    private var isEmpty = true

    init(taking sink: inout JSONSink) {
        self.sink = sink.take()
    }

    mutating func giveBack(_ sink: inout JSONSink) {
        sink = self.sink.take()
    }

    /// Appends what stands before a value: a comma where one is needed, the key and a colon.
    private mutating func start(_ key: String) {
        if !isEmpty { sink.put(0x2C) }
        isEmpty = false
        sink.put(string: key)
        sink.put(0x3A)
    }

    /// Adds a key with a string.
    public mutating func field(_ key: String, _ value: String) {
        start(key)
        sink.put(string: value)
    }

    /// Adds a key with an integer.
    public mutating func field(_ key: String, _ value: Int64) {
        start(key)
        sink.put(integer: value)
    }

    /// Adds a key with an integer.
    public mutating func field(_ key: String, _ value: Int) {
        start(key)
        sink.put(integer: Int64(value))
    }

    /// Adds a key with an integer as a string of its digits, as `"1443000"`.
    public mutating func field(_ key: String, quoted value: Int64) {
        start(key)
        sink.put(0x22)
        sink.put(integer: value)
        sink.put(0x22)
    }

    /// Adds a key with `true` or `false`.
    public mutating func field(_ key: String, _ value: Bool) {
        start(key)
        sink.put(bool: value)
    }

    /// Adds a key with `null`.
    public mutating func null(_ key: String) {
        start(key)
        sink.putNull()
    }

    /// Adds a key with a number, byte for byte as its text says.
    ///
    /// - Throws: `JSONError` where the text is no JSON number; nothing is added then.
    public mutating func field(_ key: String, number text: String) throws(JSONError) {
        try field(key, number: text.utf8.span)
    }

    /// Adds a key with a number, byte for byte as its text says.
    ///
    /// - Throws: `JSONError` where the text is no JSON number; nothing is added then.
    public mutating func field(_ key: String, number text: Span<UInt8>) throws(JSONError) {
        try adding(key) { sink throws(JSONError) in try sink.put(number: text) }
    }

    /// Adds a key with a value that is JSON already.
    ///
    /// - Throws: `JSONError` where the text is not one valid JSON value; nothing is added then.
    public mutating func field(_ key: String, json text: Span<UInt8>) throws(JSONError) {
        try adding(key) { sink throws(JSONError) in try sink.put(json: text) }
    }

    /// Adds a key with an object; nothing is added when `fill` throws.
    public mutating func object<E>(
        _ key: String, _ fill: (inout JSONObjectWriter) throws(E) -> Void
    ) throws(E) {
        try adding(key) { sink throws(E) in try sink.putObject(fill) }
    }

    /// Adds a key with an array; nothing is added when `fill` throws.
    public mutating func array<E>(
        _ key: String, _ fill: (inout JSONArrayWriter) throws(E) -> Void
    ) throws(E) {
        try adding(key) { sink throws(E) in try sink.putArray(fill) }
    }

    /// Adds what `put` appends; when it throws, not even the comma remains.
    private mutating func adding<E>(
        _ key: String, _ put: (inout JSONSink) throws(E) -> Void
    ) throws(E) {
        let before = (sink.bytes.count, isEmpty)
        start(key)
        do {
            try put(&sink)
        } catch {
            sink.bytes.removeLast(sink.bytes.count - before.0)
            isEmpty = before.1
            throw error
        }
    }
}
