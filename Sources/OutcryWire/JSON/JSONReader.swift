/// A pull reader over one JSON text, in place.
///
/// The caller lends bytes and asks for what it expects; nothing is copied and nothing allocated.
/// The text is checked completely against RFC 8259, the skipped parts too: malformed UTF-8, lone
/// surrogate escapes, bare control characters, a byte order mark and trailing bytes are errors.
/// Numbers keep their exact text. Every error is a `JSONError` with an offset; no input traps.
///
/// ## A decoder for a feed
///
/// Messages of one feed nearly always have their keys in the same order. Ask for them in that order
/// with `key(is:)`, a compare or two at the cursor, inside a loop that ends with `anotherKey()`:
///
/// ```swift
/// struct Depth { var price: Int64 = 0, total: Int64 = 0, isAsk = false, now: Int64 = 0 }
///
/// func readDepth(_ json: inout JSONReader) throws(JSONError) -> Depth {
///     var depth = Depth()
///     try json.beginObject()
///     repeat {
///         if json.key(is: "currency") { try json.skip() }
///         if json.key(is: "now") { depth.now = try json.integer() }          // "123" or 123
///         if json.key(is: "price_int") { depth.price = try json.integer() }
///         if json.key(is: "total_volume_int") { depth.total = try json.integer() }
///         if json.key(is: "type_str") { depth.isAsk = try json.string() == "ask" }
///     } while try json.anotherKey()
///     return depth
/// }
///
/// var json = JSONReader(bytes.span)
/// let depth = try readDepth(&json)
/// try json.finish()                                                         // nothing behind it
/// ```
///
/// That is right for every input, not for the expected order alone: a pass that leaves the object
/// unfinished is followed by another one, white space is seen to, escaped keys are read ahead by
/// `anotherKey()`, and a key that a whole pass did not want is skipped with its value. A key that
/// comes twice is read twice: **the last one wins**. A key that never comes leaves the default;
/// where it is required, use an optional or a flag.
///
/// What makes it fast, in this order:
/// - List the keys as they usually come, those that are only skipped, too: one pass does it all.
/// - `skip(expecting: "USD")` and `string(is:)` for values that are nearly always the same: where the
///   next token begins is then known without looking for the end of this one.
/// - Write each key as a literal at the call, so that its bytes become constants of the program.
///
/// Where the order says nothing, ask for each key:
///
/// ```swift
/// try json.beginObject()
/// while let key = try json.nextKey() {
///     switch key {
///     case "now": depth.now = try json.integer()
///     default: try json.skip()
///     }
/// }
/// ```
///
/// A reader is a value: copy it to look ahead, and read on with either. A value that is not of the
/// kind asked for is an error, and may be asked for as another kind then.
public struct JSONReader: ~Escapable, BitwiseCopyable {
    /// What may come next; a lead is the byte that has to stand at `position` before it.
    ///
    /// An integer, not an enum, because `key(is:)` compares it as a part of a word of input.
    @usableFromInline typealias Lead = UInt64

    @usableFromInline let bytes: RawSpan
    /// The next byte to look at; with a byte as `lead`, the place where it must be.
    @usableFromInline var position = 0
    /// `{` or `[` while a container is empty so far, `,` after a value, or one of the two below.
    @usableFromInline var lead = Self.valueDue
    /// How many more containers may be opened.
    @usableFromInline var room: Int
    /// Where the current pass of `anotherKey()` began.
    @usableFromInline var passStart = 0
    /// With `keyPending`, where that key is; its value begins at `position` or later.
    @usableFromInline var pendingKey = JSONStringPlace(start: 0, end: 0, isPlain: true)
    /// With `keyPending`, whether the current pass has seen that key from its beginning.
    @usableFromInline var isOffered = false
    /// How many containers may be open within each other.
    public let depthLimit: Int

    /// A value has to be read: at the beginning, after a key, after `nextElement()`.
    @inlinable static var valueDue: Lead { 256 }
    /// A key has been read ahead.
    @inlinable static var keyPending: Lead { 257 }
    @inlinable static var comma: Lead { 0x2C }
    @inlinable static var brace: Lead { 0x7B }
    @inlinable static var bracket: Lead { 0x5B }

    /// Creates a reader of `bytes`, which are lent for its lifetime.
    ///
    /// - Parameter depthLimit: how many containers may be open within each other, 1 to 1,024; one
    ///   more is an error.
    @_lifetime(copy bytes)
    @inlinable @inline(__always)
    public init(_ bytes: RawSpan, depthLimit: Int = 128) {
        precondition(1...1024 ~= depthLimit, "a depth limit is from 1 to 1,024")
        self.bytes = bytes
        self.depthLimit = depthLimit
        room = depthLimit
    }

    /// Creates a reader of `bytes`, which are lent for its lifetime.
    @_lifetime(copy bytes)
    @inlinable @inline(__always)
    public init(_ bytes: Span<UInt8>, depthLimit: Int = 128) {
        self.init(RawSpan(reading: bytes), depthLimit: depthLimit)
    }

    /// How many bytes have been read; where an error would be reported next.
    public var offset: Int { position }

    /// How many containers are open.
    public var depth: Int { depthLimit &- room }

    /// Ends the reading: nothing but white space may follow the value.
    ///
    /// Call it after the one value of the text has been read to its end.
    public mutating func finish() throws(JSONError) {
        precondition(
            lead == Self.comma && room == depthLimit, "read the whole value before finishing")
        let end = bytes.afterSpace(position)
        guard end == bytes.byteCount else { throw bytes.error(.endOfInput, at: end) }
        position = end
    }
}

/// The kinds of JSON values.
public enum JSONKind: UInt8, Hashable, Sendable {
    /// An object.
    case object
    /// An array.
    case array
    /// A string.
    case string
    /// A number.
    case number
    /// `true` or `false`.
    case bool
    /// `null`.
    case null
}

extension JSONReader {
    /// The rule for reading values, checked wherever one is read.
    @inlinable @inline(always)
    func checkValueIsDue() {
        precondition(lead == Self.valueDue, "ask for a key or an element before each value")
    }

    /// Notes that a value has been read up to `end`.
    @inlinable @inline(always)
    mutating func valueEnded(at end: Int) {
        position = end
        lead = Self.comma
    }

    /// The kind of the value that comes next, by its first byte; reads nothing but white space.
    public mutating func peek() throws(JSONError) -> JSONKind {
        checkValueIsDue()
        position = try bytes.valueStart(position, .value)
        switch bytes.byte(position) {
        case 0x7B: return .object
        case 0x5B: return .array
        case 0x22: return .string
        case 0x2D, 0x30...0x39: return .number
        case 0x74, 0x66: return .bool
        case 0x6E: return .null
        default: throw bytes.unexpected(.value, at: position)
        }
    }

    /// Opens a container with `open` as its first byte.
    @inlinable @inline(always)
    mutating func begin(_ open: Lead, _ expected: JSONError.Expectation) throws(JSONError) {
        checkValueIsDue()
        if position >= bytes.byteCount || UInt64(bytes.byte(position)) != open || room == 0 {
            position = try bytes.containerStart(position, open, room: room, expected)
        }
        room &-= 1
        lead = open
        passStart = position
    }

    /// Closes the innermost container, whose last byte is at `index`.
    @inlinable @inline(always)
    mutating func end(at index: Int) {
        precondition(room < depthLimit, "begin a container before asking for what is in it")
        room &+= 1
        valueEnded(at: index &+ 1)
    }
}

extension RawSpan {
    /// The first byte of the value that comes at `start` or after white space.
    @inline(always)
    func valueStart(
        _ start: Int, _ expected: JSONError.Expectation
    ) throws(JSONError) -> Int {
        let index = afterSpace(start)
        guard index < byteCount else { throw error(expected, at: index) }
        return index
    }

    /// The place of the byte `open`, which has to come at `start` or after white space.
    @usableFromInline @inline(never)
    func containerStart(
        _ start: Int, _ open: UInt64, room: Int, _ expected: JSONError.Expectation
    ) throws(JSONError) -> Int {
        let index = try valueStart(start, expected)
        guard UInt64(byte(index)) == open else { throw unexpected(expected, at: index) }
        guard room > 0 else { throw error(.lessDepth, at: index) }
        return index
    }

    /// The error for a value that is not what was asked for: a byte order mark has its own.
    @inline(never)
    func unexpected(_ expected: JSONError.Expectation, at index: Int) -> JSONError {
        if index == 0, byteCount >= 3, byte(0) == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF {
            return error(.noByteOrderMark, at: 0)
        }
        return error(expected, at: index)
    }
}
