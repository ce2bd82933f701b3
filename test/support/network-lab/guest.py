# A guest for packet tests: sits in a namespace behind a port, takes one JSON command per line, answers in one line.
# It speaks raw frames where a guest would lie and sockets where it would not. Tests only.
import fcntl, json, os, select, socket, struct, subprocess, sys, threading, time

IFACE = 'eth0'
captured, arrived = [], threading.Condition()
servers, accepted = [], []

class Tap:
    """the inner side of a tap, as QEMU holds it"""
    def __init__(self, name):
        self.fd = os.open('/dev/net/tun', os.O_RDWR)
        fcntl.ioctl(self.fd, 0x400454ca, struct.pack('16sH22x', name.encode(), 0x1002))
    def fileno(self): return self.fd
    def send(self, frame):
        until = time.monotonic() + 5
        while True: # a tap that is closed takes nothing
            try: return os.write(self.fd, frame)
            except OSError:
                if time.monotonic() > until: raise
                time.sleep(0.05)
    def recv(self, size): return os.read(self.fd, size)
tap = Tap(os.environ['TAP']) if 'TAP' in os.environ else None

def raw():
    if tap: return tap
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((IFACE, 0))
    return s

def capture(s):
    while True:
        try: frame, address = s.recvfrom(65535)
        except OSError: return # its device went away
        if address[2] == socket.PACKET_OUTGOING: continue
        with arrived:
            captured.append(frame); arrived.notify_all()

def checksum(data):
    if len(data) % 2: data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def mac(text): return bytes.fromhex(text.replace(':', ''))
def ipv4(src, dst, proto, payload):
    head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), 1, 0, 64, proto, 0, socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload
def udp(sport, dport, payload): return struct.pack('!HHHH', sport, dport, 8 + len(payload), 0) + payload

def ipv6(src, dst, proto, payload, hops=255):
    s, d = socket.inet_pton(socket.AF_INET6, src), socket.inet_pton(socket.AF_INET6, dst)
    return struct.pack('!IHBB', 6 << 28, len(payload), proto, hops) + s + d + payload
def icmp6(src, dst, body):
    pseudo = socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst) + struct.pack('!II', len(body), 58)
    return ipv6(src, dst, 58, body[:2] + struct.pack('!H', checksum(pseudo + body[:2] + b'\0\0' + body[4:])) + body[4:])

def dhcp_packet(kind, own, extra=b''):
    head = struct.pack('!BBBBIHH4s4s4s4s', 1, 1, 6, 0, 0x5ca1ab1e, 0, 0x8000, b'\0' * 4, b'\0' * 4, b'\0' * 4, b'\0' * 4)
    return head + own + b'\0' * 202 + b'\x63\x82\x53\x63' + bytes([53, 1, kind]) + extra + bytes([55, 7, 1, 3, 6, 26, 121, 15, 66, 255])

def dhcp_answer(s, own, kind, limit):
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if not select.select([s], [], [], 0.2)[0]: continue
        f = s.recv(65535)
        if f[12:14] != b'\x08\x00' or f[23] != 17: continue
        body = f[14 + (f[14] & 15) * 4:]
        if body[:4] != struct.pack('!HH', 67, 68) or body[36:42] != own: continue
        p, options = body[8:], {}
        i = 240
        while i < len(p) and p[i] != 255:
            if p[i] == 0: i += 1; continue
            options[p[i]] = p[i + 2:i + 2 + p[i + 1]]; i += 2 + p[i + 1]
        if options.get(53) == bytes([kind]): return socket.inet_ntoa(p[16:20]), options
    return None, {}

def op_dhcp(own, limit=8):
    s, m = raw(), mac(own)
    frame = lambda p: b'\xff' * 6 + m + b'\x08\x00' + ipv4('0.0.0.0', '255.255.255.255', 17, udp(68, 67, p))
    for attempt in range(3):
        s.send(frame(dhcp_packet(1, m)))
        ip, options = dhcp_answer(s, m, 2, limit / 3)
        if ip: break
    if not ip: return None
    s.send(frame(dhcp_packet(3, m, bytes([50, 4]) + socket.inet_aton(ip) + bytes([54, 4]) + options[54])))
    ip, options = dhcp_answer(s, m, 5, limit)
    return {'ip': ip, 'options': {str(k): v.hex() for k, v in options.items()}} if ip else None

def op_dhcp6(own, limit=8):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(('::', 546))
    option = lambda kind, body: struct.pack('!HH', kind, len(body)) + body
    me = option(1, b'\0\3\0\1' + mac(own)) + option(8, b'\0\0') + option(6, b'\0\x17')
    def parse(data):
        found, i = {}, 0
        while i + 4 <= len(data):
            kind, size = struct.unpack('!HH', data[i:i + 4]); found[kind] = data[i + 4:i + 4 + size]; i += 4 + size
        return found
    def exchange(kind, extra, wanted):
        until = time.monotonic() + limit
        while time.monotonic() < until:
            s.sendto(bytes([kind]) + b'\1\2\3' + me + extra, ('ff02::1:2', 547, 0, socket.if_nametoindex(IFACE)))
            if not select.select([s], [], [], 1)[0]: continue
            data = s.recv(4096)
            if data[0] == wanted: return parse(data[4:])
        return None
    offer = exchange(1, option(3, b'\0\0\0\1' + b'\0' * 8), 2)
    if not offer or 3 not in offer: return None
    reply = exchange(3, option(2, offer[2]) + option(3, offer[3]), 7)
    address = parse(reply[3][12:]).get(5) if reply and 3 in reply else None
    dns = reply.get(23) if reply else None
    return {'ip': socket.inet_ntop(socket.AF_INET6, address[:16]), 'dns': dns and socket.inet_ntop(socket.AF_INET6, dns[:16])} if address else None

def op_ping(to, limit=2, source=None):
    six = ':' in to
    s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, 58 if six else 1)
    if source: s.bind((source, 0))
    ident, until = os.getpid() & 0xffff, time.monotonic() + limit
    while time.monotonic() < until:
        body = struct.pack('!BBHHH', 128 if six else 8, 0, 0, ident, 1) + b'x' * 16
        if not six: body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
        try: s.sendto(body, (to, 0, 0, socket.if_nametoindex(IFACE)) if six and to.startswith('fe80') else (to, 0))
        except OSError: time.sleep(0.1); continue
        again = time.monotonic() + 0.5
        while time.monotonic() < again:
            if not select.select([s], [], [], 0.1)[0]: continue
            data, peer = s.recvfrom(4096)
            if not six: data = data[20:]
            if data[0] == (129 if six else 0) and struct.unpack('!H', data[4:6])[0] == ident: return peer[0].split('%')[0]
    return None

def op_serve(port, host='::'):
    listener = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port)); listener.listen(16)
    servers.append(listener)
    def one(c, peer):
        c.sendall((peer[0].replace('::ffff:', '') + '\n').encode())
        while True:
            data = c.recv(4096)
            if not data: return
            c.sendall(data)
    def loop():
        while True:
            c, peer = listener.accept(); accepted.append(c); threading.Thread(target=one, args=(c, peer), daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()
    return True

connections = {}
def op_connect(to, port, limit=3, name=None):
    try:
        c = socket.create_connection((to, port), limit)
        c.settimeout(limit)
        seen = c.recv(200).decode().strip()
        if name: connections[name] = c
        else: c.close()
        return seen
    except OSError: return None

def op_talk(name, text, limit=3):
    c = connections[name]; c.settimeout(limit)
    try: c.sendall(text.encode()); return c.recv(4096).decode()
    except OSError: return None

def op_hear(name, limit=3):
    c = connections[name]; c.settimeout(limit)
    try: return c.recv(4096).decode()
    except OSError: return None
def op_push(text):
    for c in accepted: c.sendall(text.encode())
    return len(accepted)

def op_http(to, path, limit=5):
    try:
        c = socket.create_connection((to, 80), limit); c.settimeout(limit)
        c.sendall(('GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' % (path, to)).encode())
        data = b''
        while True:
            part = c.recv(65536)
            if not part: return data.decode()
            data += part
    except OSError: return None

def op_capture():
    with arrived: captured.clear()
    threading.Thread(target=capture, args=(raw(),), daemon=True).start()
    return True
def op_await(marker, limit=5):
    """frames (hex) up to the one that contains the marker; null when it does not come"""
    needle, until = marker.encode(), time.monotonic() + limit
    with arrived:
        while not any(needle in f for f in captured):
            if not arrived.wait(max(0, until - time.monotonic())) and time.monotonic() >= until: return None
        frames = [f.hex() for f in captured]; captured.clear(); return frames
def op_frame(to, source, kind, payload): raw().send(mac(to) + mac(source) + struct.pack('!H', kind) + bytes.fromhex(payload)); return True
def op_ipv4(to, source, src, dst, sport, dport, text, tagged=False):
    kind = b'\x81\x00\x00\x05\x08\x00' if tagged else b'\x08\x00'
    raw().send(mac(to) + mac(source) + kind + ipv4(src, dst, 17, udp(sport, dport, text.encode()))); return True
def op_arp(to, source, sha, spa, tha, tpa, kind=2):
    body = struct.pack('!HHBBH', 1, 0x800, 6, 4, kind) + mac(sha) + socket.inet_aton(spa) + mac(tha) + socket.inet_aton(tpa)
    raw().send(mac(to) + mac(source) + b'\x08\x06' + body + b'\0' * 18); return True
def op_neighbor(to, source, src, dst, target, lladdr):
    body = b'\x88\0\0\0\x20\0\0\0' + socket.inet_pton(socket.AF_INET6, target) + b'\x02\x01' + mac(lladdr)
    raw().send(mac(to) + mac(source) + b'\x86\xdd' + icmp6(src, dst, body)); return True
def op_router(to, source, src, dst, prefix):
    body = b'\x86\0\0\0\x40\0\x07\x08\0\0\0\0\0\0\0\0' + b'\x03\x04\x40\xc0' + b'\0\0\x0e\x10' * 2 + b'\0' * 4 + socket.inet_pton(socket.AF_INET6, prefix)
    raw().send(mac(to) + mac(source) + b'\x86\xdd' + icmp6(src, dst, body)); return True
def op_udp(to, port, text, sport=0):
    s = socket.socket(socket.AF_INET6 if ':' in to else socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('', sport)); s.sendto(text.encode(), (to, port)); return True
def op_dns(to, name, limit=8, tcp=False):
    """asks for an address: the answer's code, the addresses, and how long it took"""
    question = b'\x12\x34\x01\0\0\x01\0\0\0\0\0\0' + b''.join(bytes([len(p)]) + p.encode() for p in name.split('.')) + b'\0\0\x01\0\x01'
    began = time.monotonic()
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
    s.settimeout(limit)
    s.connect((to, 53))
    s.send(struct.pack('!H', len(question)) + question if tcp else question)
    try: data = s.recv(4096)
    except socket.timeout: return {'code': None, 'addresses': [], 'seconds': time.monotonic() - began}
    if tcp: data = data[2:]
    found = [socket.inet_ntoa(data[at - 4:at]) for at in range(len(question) + 16, len(data) + 1, 16)]
    return {'code': data[3] & 15, 'addresses': found, 'seconds': time.monotonic() - began}
def op_run(argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    return {'code': done.returncode, 'out': done.stdout + done.stderr}
def op_address(family, limit=10, prefix=''):
    """the first global address that the kernel has, waited for"""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        for line in subprocess.run(['ip', '-o', family, 'addr', 'show', 'dev', IFACE, 'scope', 'global'], capture_output=True, text=True).stdout.splitlines():
            if 'tentative' not in line and line.split()[3].startswith(prefix): return line.split()[3]
        time.sleep(0.1)
    return None

for line in sys.stdin:
    command = json.loads(line)
    try: result = {'result': globals()['op_' + command.pop('op')](**command)}
    except Exception as error: result = {'error': repr(error)}
    print(json.dumps(result), flush=True)
