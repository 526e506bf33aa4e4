import OutcryComponents
import OutcryCrypto
import OutcryKernel

// The login: a key, the password encrypted with it, a word.

extension MidChainsGateway {
    /// Begins to log in on a connection that has come up.
    func begin(_ my: Context) {
        guard phase != .barred else { return }
        phase = .challenged
        send(.challenge, .challenge, my)
    }

    /// Takes the key.
    func logIn(_ answer: MidChainsAnswer, _ my: Context) {
        guard phase == .challenged else { return }
        guard answer.isOK, let text = answer.key else {
            return loginFailed("no key: \(answer.result)", my)
        }
        var random = EntropyWords(my)
        let password = access.credentials.password
        do throws(CryptoError) {
            let key = try RSAPublicKey(der: try Base64.decode(text))
            let pass = try key.encrypt(password.span, using: &random)
            phase = .loggingIn
            send(.login(access.credentials.user, pass: Base64.encode(pass)), .login, my)
        } catch { loginFailed("the venue's key cannot be used: \(error)", my) }
    }

    /// Takes the venue's word.
    func loggedIn(_ answer: MidChainsAnswer, _ my: Context) {
        guard phase == .loggingIn else { return }
        guard answer.isOK else {
            refusedLogins += 1
            return loginFailed(answer.result, my)
        }
        refusedLogins = 0
        phase = .up
        my.log.info("logged in", access.credentials.user)
        my.publish(.accountChannel, true)
    }

    /// The venue hangs up then; the next try comes with the next connection, but not for ever.
    func loginFailed(_ reason: String, _ my: Context) {
        guard phase == .challenged || phase == .loggingIn else { return }
        if refusedLogins >= options.logins {
            phase = .barred
            my.log.error("the login was refused too often and is not tried again", reason)
        } else {
            phase = .down
            my.log.warning("not logged in", reason)
        }
    }
}

/// Secret random numbers of the kernel's, drawn before they are needed: a context cannot be kept.
private struct EntropyWords: RandomNumberGenerator {
    private var words: [UInt64]
    private var next64 = 0

    /// Draws enough for the padding of any password: a number a byte.
    init(_ my: Context) { words = (0..<512).map { _ in my.entropy() } }

    mutating func next() -> UInt64 {
        precondition(next64 < words.count, "512 words are enough for a padding")
        defer { next64 += 1 }
        return words[next64]
    }
}
