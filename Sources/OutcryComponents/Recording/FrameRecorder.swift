public import OutcryKernel
public import OutcryWire

// DESIGN keeps the name Journal for the record of all inputs of a kernel; this is its market half.

/// Writes what a link's connection sends and receives to a file, each frame with its time: see
/// ``RecordingLine`` for the format.
///
/// Start it before the kernel runs: a connection tells its frames to those who had registered when its stream
/// was opened. What came is written every ``FrameRecorder/pause`` and, after ``OutcryKernel/Event/endRecording``, to
/// the last line; it then publishes ``OutcryKernel/Event/recordingEnded``. An error of the file ends the
/// recording, too.
public final class FrameRecorder: Session {
    /// The time that a line waits at most before it is given to the file.
    public static let pause = Duration.milliseconds(200)

    private let link: Link
    private let path: String
    private var unwritten: [UInt8] = []
    private var isWriting = false
    private var isEnding = false
    private var lines = 0
    private var failure: String?

    /// Makes the recorder of a link.
    ///
    /// - Parameters:
    ///   - url: Where the link's stream comes from; its query and user are left out of the file.
    ///   - path: The file, which is appended to.
    public init(_ link: Link, url: VenueURL, path: String) {
        self.link = link
        self.path = path
        let head = RecordingHead(
            venue: "\(link.venue)", url: "\(url.scheme.rawValue)://\(url.hostField)\(url.path)",
            instruments: link.instruments.map { "\($0)" })
        RecordingLine.head(head).write(to: &unwritten)
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<FrameRecorder>) {
        on(.started) { me, _, my in
            my.register(
                me.link.frame, me.link.httpExchange, me.link.connected, me.link.disconnected)
            me.flush(my)
            my.every(Self.pause, .flushRecording)
        }
        on(.frame) { me, frame, my in me.add(.frame(copy frame, at: my.wallNow)) }
        on(.httpExchange) { me, exchange, my in me.add(.http(copy exchange, at: my.wallNow)) }
        on(.connected) { me, up, my in me.add(.up(up.count, at: my.wallNow)) }
        on(.disconnected) { me, down, my in me.add(.down(down.reason, at: my.wallNow)) }
        on(.flushRecording) { me, _, my in me.flush(my) }
        on(.recordingWritten) { me, outcome, my in me.written(outcome, my) }
        on(.endRecording) { me, _, my in
            me.isEnding = true
            me.flush(my)
        }
    }

    private func add(_ line: RecordingLine) {
        guard !isEnding, failure == nil else { return }
        line.write(to: &unwritten)
        lines += 1
    }

    private func flush(_ my: Context) {
        guard !isWriting else { return }
        guard failure == nil, !unwritten.isEmpty else {
            if isEnding { end(my) }
            return
        }
        isWriting = true
        my.appendFile(path, unwritten, then: .recordingWritten)
        unwritten = []
    }

    private func written(_ outcome: borrowing StorageOutcome, _ my: Context) {
        isWriting = false
        if case .failed(let error) = outcome.result {
            failure = "\(error)"
            my.log.error("the recording ends", "\(error)")
            isEnding = true
        }
        if isEnding { flush(my) }
    }

    private func end(_ my: Context) {
        my.publish(.recordingEnded, RecordingEnd(path: path, lines: lines, failure: failure))
        my.stop()
    }
}

/// What has become of a recording.
public struct RecordingEnd: Sendable {
    /// The file.
    public let path: String
    /// Lines that were recorded, without the first.
    public let lines: Int
    /// Why the file is not whole; nil when it is.
    public let failure: String?
}

extension Event where Payload == Void {
    static let flushRecording = Self("recording.flush")
    /// Asks a recorder to write what there is and to end.
    public static let endRecording = Self("recording.end")
}

extension Event where Payload == RecordingEnd {
    /// A recording is whole in its file, or has failed.
    public static let recordingEnded = Self("recording.ended")
}

extension Event where Payload == StorageOutcome {
    static let recordingWritten = Self("recording.written")
}
