import COutcryRecordings
import OutcryWire

/// The recorded replies that lie in the program, see `Sources/COutcryRecordings/Data/PROVENANCE.md`.
enum RecordedData: CaseIterable {
    case depth201106
    case trades20110606
    case fullDepth201202

    /// The reply's bytes as the server sent them.
    ///
    /// - Throws: ``RecordedDataError`` when the program was built with damaged data.
    func bytes() throws(RecordedDataError) -> [UInt8] {
        let recording =
            switch self {
            case .depth201106: unsafe outcry_recording_depth_2011_06()
            case .trades20110606: unsafe outcry_recording_trades_2011_06_06()
            case .fullDepth201202: unsafe outcry_recording_fulldepth_2012_02()
            }
        // Static data of the program: the pointer is valid as long as the process lives.
        let packed = unsafe UnsafeBufferPointer(start: recording.bytes, count: recording.count)
        do {
            return try Gzip.decompress(unsafe packed.span, limit: 4 << 20)
        } catch {
            throw RecordedDataError(what: "\(self)", reason: "\(error)")
        }
    }

    /// The reply, read by `body`.
    func read<R>(_ body: (inout JSONReader) throws -> R) throws(RecordedDataError) -> R {
        let bytes = try bytes()
        var json = JSONReader(bytes.span)
        do {
            let result = try body(&json)
            try json.finish()
            return result
        } catch {
            throw RecordedDataError(what: "\(self)", reason: "\(error)")
        }
    }
}

/// Recorded data that lies in the program is not what was recorded: the build is damaged.
public struct RecordedDataError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Which recording.
    public let what: String
    /// What is wrong with it.
    public let reason: String

    /// One line.
    public var description: String { "the recording \(what) is damaged: \(reason)" }
}
