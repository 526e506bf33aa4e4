/// Why bytes are no gzip file, or not one that fits.
@nonexhaustive
public enum GzipError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes at `offset` break the format (RFC 1952); zlib's words for it.
    case malformed(offset: Int, reason: String)
    /// The bytes end inside the file.
    case endedEarly(offset: Int)
    /// More bytes follow the end of the file.
    case trailingBytes(offset: Int)
    /// The content is larger than the caller allows, in bytes.
    case tooLarge(limit: Int)
    /// zlib has no memory, or is not the version that this was built for; its code.
    case refused(code: Int32)

    /// One line with the numbers.
    public var description: String {
        switch self {
        case .malformed(let offset, let reason):
            "expected gzip, found \(reason) at offset \(offset)"
        case .endedEarly(let offset): "expected more of the gzip file, found its end at \(offset)"
        case .trailingBytes(let offset):
            "expected the end of the gzip file, found more bytes at offset \(offset)"
        case .tooLarge(let limit): "the content of the gzip file is over \(limit) bytes"
        case .refused(let code): "zlib refused with code \(code)"
        }
    }
}
