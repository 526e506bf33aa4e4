/// The browser's client, as it is served at `/socket.io/socket.io.js`: our own, in plain ES5.
///
/// `io.connect(url)` gives a socket with `on`, `send`, `json.send`, `emit` and `disconnect`; its events are
/// `connect`, `disconnect`, `error`, `message` and those of the server. It goes by WebSocket, or by
/// xhr-polling where that fails; it joins its endpoints before it sends what had to wait.
public enum SocketIOBrowserClient {
    /// The program's text, ASCII only.
    public static let script = #"""
        // Socket.IO 0.9, a small client. io.connect(url).on('message', function (data) { ... });
        var io = (function () {
          'use strict';
          var sessions = {};
          var MARK = '\ufffd';

          function encode(packets) {
            if (packets.length === 1) return packets[0];
            return packets.map(function (p) { return MARK + p.length + MARK + p; }).join('');
          }

          function decode(text) {
            var packets = [], at = 0, end, length;
            if (text.charAt(0) !== MARK) return text ? [text] : [];
            while (text.charAt(at) === MARK) {
              end = text.indexOf(MARK, at + 1);
              length = Number(text.substring(at + 1, end));
              if (end < 0 || !(length >= 0)) break;
              packets.push(text.substr(end + 1, length));
              at = end + 1 + length;
            }
            return packets;
          }

          // One session with a server; its sockets share it.
          function Session(base, query) {
            this.base = base;
            this.query = query;
            this.sockets = {};
            this.waiting = [];
            this.up = false;
            this.wanted = true;
            this.tries = 0;
            this.skipped = {};
            this.life = 0;
            this.handshake();
          }

          Session.prototype.url = function (path, extra) {
            var items = [this.query, extra].filter(Boolean).join('&');
            return this.base + '/socket.io/1/' + path + (items ? '?' + items : '');
          };

          Session.prototype.request = function (method, url, body, done) {
            var life = this.life, self = this, x = new XMLHttpRequest();
            x.open(method, url, true);
            x.withCredentials = true;
            if (body !== null) x.setRequestHeader('Content-Type', 'text/plain;charset=UTF-8');
            x.onreadystatechange = function () {
              if (x.readyState !== 4 || life !== self.life) return;
              done(x.status, x.responseText);
            };
            x.send(body);
            return x;
          };

          Session.prototype.handshake = function () {
            var self = this;
            this.life += 1;
            this.pending = this.request('GET', this.url('', 't=' + Date.now()), null,
              function (status, text) {
                var parts = text.split(':'), names, i;
                if (status !== 200 || parts.length < 4) {
                  if (status) self.tell('error', text || 'handshake refused');
                  if (status === 403) { self.wanted = false; return; }
                  return self.lost('handshake');
                }
                self.sid = parts[0];
                self.patience = parseInt(parts[1], 10) * 1000 || 0;
                names = parts.slice(3).join(':').split(',');
                for (i = 0; i < names.length; i += 1) {
                  if (self.skipped[names[i]]) continue;
                  if (names[i] === 'websocket' && typeof WebSocket !== 'undefined') {
                    return self.socket();
                  }
                  if (names[i] === 'xhr-polling') return self.poll();
                }
                self.skipped = {};
                self.lost('no transport');
              });
          };

          Session.prototype.socket = function () {
            var self = this, life = this.life, opened = false, ws, timer;
            function fail() {
              if (life !== self.life) return;
              clearTimeout(timer);
              if (!opened) self.skipped.websocket = true;
              self.lost('websocket');
            }
            try {
              ws = new WebSocket(this.url('websocket/' + this.sid).replace(/^http/, 'ws'));
            } catch (e) { return fail(); }
            timer = setTimeout(function () { if (!opened) { fail(); ws.close(); } }, 10000);
            ws.onmessage = function (event) {
              if (life !== self.life) return;
              opened = true;
              clearTimeout(timer);
              self.receive(event.data);
            };
            ws.onclose = fail;
            this.carrier = {
              name: 'websocket',
              send: function (packets) { packets.forEach(function (p) { ws.send(p); }); },
              close: function () { clearTimeout(timer); ws.close(); }
            };
          };

          Session.prototype.poll = function () {
            var self = this, life = this.life, posting = false, queue = [], open = null;
            function url() { return self.url('xhr-polling/' + self.sid, 't=' + Date.now()); }
            function next() {
              if (life !== self.life) return;
              open = self.request('GET', url(), null, function (status, text) {
                if (status !== 200) return self.lost('poll');
                self.receive(text);
                next();
              });
            }
            function post() {
              var packets = queue;
              if (posting || !packets.length) return;
              queue = [];
              posting = true;
              self.request('POST', url(), encode(packets), function (status) {
                posting = false;
                if (status !== 200) return self.lost('post');
                post();
              });
            }
            this.carrier = {
              name: 'xhr-polling',
              send: function (packets) { queue = queue.concat(packets); post(); },
              close: function () { if (open) open.abort(); }
            };
            next();
          };

          Session.prototype.heard = function () {
            var self = this, life = this.life;
            clearTimeout(this.silence);
            if (!this.patience) return;
            this.silence = setTimeout(function () {
              if (life === self.life) self.lost('silence');
            }, this.patience);
          };

          Session.prototype.receive = function (text) {
            var life = this.life, self = this;
            this.heard();
            decode(text).forEach(function (packet) {
              if (life === self.life) self.packet(packet);
            });
          };

          Session.prototype.packet = function (text) {
            var m = /^([0-8]):(\d*)(\+?):([^:]*):?([\s\S]*)$/.exec(text), socket, name;
            if (!m) return;
            socket = this.sockets[m[4]];
            switch (m[1]) {
            case '0':
              if (!m[4]) { this.wanted = false; return this.lost('booted'); }
              if (socket) socket.left();
              break;
            case '1':
              if (m[4]) { if (socket) socket.joined(); break; }
              if (!this.up) this.opened();
              break;
            case '2': this.carrier.send(['2::']); break;
            case '7':
              if (socket) socket.fire('error', [m[5]]);
              if (/\+0$/.test(m[5])) this.lost('reconnect advised');
              break;
            case '8': break;
            default: if (socket) socket.packet(Number(m[1]), m[2], m[3] === '+', m[5]);
            }
          };

          // The transport is up: join first, then send what had to wait.
          Session.prototype.opened = function () {
            var name;
            this.up = true;
            this.tries = 0;
            for (name in this.sockets) {
              if (name) this.carrier.send(['1::' + name]);
              else this.sockets[name].joined();
            }
          };

          Session.prototype.send = function (packet) { this.carrier.send([packet]); };

          Session.prototype.tell = function (event, value) {
            for (var name in this.sockets) this.sockets[name].fire(event, [value]);
          };

          Session.prototype.lost = function (reason) {
            var self = this, name, delay;
            this.life += 1;
            this.up = false;
            clearTimeout(this.silence);
            if (this.pending) this.pending.abort();
            if (this.carrier) this.carrier.close();
            this.carrier = null;
            for (name in this.sockets) this.sockets[name].left(reason);
            if (!this.wanted) return;
            delay = Math.min(30000, 500 * Math.pow(2, this.tries));
            this.tries += 1;
            setTimeout(function () { if (self.wanted) self.handshake(); },
              delay * (0.5 + Math.random() / 2));
          };

          // One endpoint of a session.
          function Socket(session, name) {
            var self = this;
            this.session = session;
            this.name = name;
            this.handlers = {};
            this.acks = {};
            this.ids = 0;
            this.connected = false;
            this.waiting = [];
            this.json = { send: function (value, fn) { self.put(4, JSON.stringify(value), fn); } };
          }

          Socket.prototype.on = function (event, fn) {
            (this.handlers[event] = this.handlers[event] || []).push(fn);
            return this;
          };

          Socket.prototype.fire = function (event, values) {
            (this.handlers[event] || []).slice().forEach(function (fn) { fn.apply(this, values); },
              this);
          };

          Socket.prototype.put = function (type, data, fn) {
            var id = '', packet;
            if (typeof fn === 'function') {
              this.ids += 1;
              this.acks[this.ids] = fn;
              id = this.ids + (type === 5 || fn.length ? '+' : '');
            }
            packet = type + ':' + id + ':' + this.name + ':' + data;
            if (this.connected) this.session.send(packet); else this.waiting.push(packet);
            return this;
          };

          Socket.prototype.send = function (text, fn) { return this.put(3, String(text), fn); };

          Socket.prototype.emit = function (name) {
            var args = Array.prototype.slice.call(arguments, 1), event = { name: name }, fn;
            if (typeof args[args.length - 1] === 'function') fn = args.pop();
            if (args.length) event.args = args;
            return this.put(5, JSON.stringify(event), fn);
          };

          Socket.prototype.disconnect = function () {
            delete this.session.sockets[this.name];
            if (this.connected && this.name) this.session.send('0::' + this.name);
            if (!Object.keys(this.session.sockets).length) this.session.end();
            this.left('booted');
            return this;
          };

          Socket.prototype.joined = function () {
            var waiting = this.waiting;
            if (this.connected) return;
            this.connected = true;
            this.waiting = [];
            waiting.forEach(function (packet) { this.session.send(packet); }, this);
            this.fire('connect', []);
          };

          Socket.prototype.left = function (reason) {
            if (!this.connected) return;
            this.connected = false;
            this.acks = {};
            this.fire('disconnect', [reason || 'booted']);
          };

          Socket.prototype.packet = function (type, id, wanted, data) {
            var self = this, values, event, m;
            function ack() {
              var args = Array.prototype.slice.call(arguments);
              self.session.send('6::' + self.name + ':' + id +
                (args.length ? '+' + JSON.stringify(args) : ''));
            }
            try {
              if (type === 6) {
                m = /^(\d+)(?:\+([\s\S]*))?$/.exec(data);
                if (!m || !this.acks[m[1]]) return;
                event = this.acks[m[1]];
                delete this.acks[m[1]];
                return event.apply(this, m[2] ? JSON.parse(m[2]) : []);
              }
              if (id && !wanted) ack();
              if (type === 5) {
                event = JSON.parse(data);
                values = event.args || [];
              } else {
                event = { name: 'message' };
                values = [type === 4 ? JSON.parse(data) : data];
              }
            } catch (e) { return; }
            if (id && wanted) values = values.concat(ack);
            this.fire(event.name, values);
          };

          Session.prototype.end = function () {
            this.wanted = false;
            if (this.up) this.send('0::');
            this.lost('booted');
            for (var key in sessions) if (sessions[key] === this) delete sessions[key];
          };

          function connect(url, options) {
            var a = document.createElement('a'), base, query, name, key, session;
            a.href = url || location.href;
            base = a.protocol + '//' + a.host;
            query = a.search.replace(/^\?/, '');
            name = url && a.pathname !== '/' ? a.pathname.replace(/^([^\/])/, '/$1') : '';
            key = base + '?' + query;
            session = !(options && options['force new connection']) && sessions[key];
            if (!session || !session.wanted) {
              session = new Session(base, query);
              sessions[key] = session;
            }
            if (!session.sockets[name]) {
              session.sockets[name] = new Socket(session, name);
              if (session.up) {
                if (name) session.send('1::' + name);
                else setTimeout(function () { session.sockets[name].joined(); }, 0);
              }
            }
            return session.sockets[name];
          }

          return { version: '0.9.17-outcry', protocol: 1, connect: connect, j: [] };
        }());
        """#
}
