#!/usr/bin/env node
// A client in JavaScript, written from src/PROTOCOL.md: calls the calculator, gets its callbacks, catches its exceptions.
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { decode, encode, ExtensionCodec } from "@msgpack/msgpack";

const HELLO = 0, CALL = 1, RETURN = 2, ERROR = 3, CANCEL = 4, RELEASE = 5, THREAD_ENDED = 7, GOODBYE = 8;
const BRINGS_HOME = 1, ASYNCHRONOUS = 2, ONE_WAY = 4, CANCELLABLE = 8, REMOTE = 2, ROOT = 1, THREAD = 1;

/** An object by its handle, which is positive if it is the sender's. */
export class Reference { constructor(handle) { this.handle = handle; } }
const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: 1,
  encode: value => value instanceof Reference ? encode(value.handle) : null,
  decode: bytes => new Reference(decode(bytes)),
});
const methodId = signature => Buffer.from(signature).reduce((hash, byte) => Math.imul(hash ^ byte, 16777619) >>> 0, 2166136261) || 1;

export class Connection {
  #exports = new Map(); #pending = new Map(); #received = Buffer.alloc(0);
  #requests = 0; #handles = ROOT; #turn = Promise.resolve();

  static open(path, contract) {
    return new Promise((resolve, reject) => {
      const connection = new Connection();
      connection.socket = connect(path, () => connection.#send(HELLO, "multiprocess", 1, process.pid, null, 0, contract, 0, 65536));
      connection.socket.on("data", bytes => connection.#receive(bytes)).on("error", reject);
      connection.socket.on("close", () => connection.#pending.forEach(call => call.reject(new Error("The connection is closed."))));
      connection.greet = hello => resolve(Object.assign(connection, { serves: hello[4] }));
    });
  }

  /** Calls a method and gives its results. A call inside a callback takes `inside` along, so that it runs on the same thread. */
  async call(target, signature, args = [], { inside, asynchronous, oneWay, signal } = {}) {
    const send = () => {
      const flags = (args.some(arg => arg?.handle < 0) ? BRINGS_HOME : 0)
        | (asynchronous ? ASYNCHRONOUS : 0) | (oneWay ? ONE_WAY : 0) | (signal ? CANCELLABLE : 0);
      const request = ++this.#requests, thread = inside?.thread ?? THREAD, parent = asynchronous ? 0 : inside?.request ?? 0;
      this.#send(CALL, flags, thread, request, parent, target?.handle ?? ROOT, methodId(signature), args);
      signal?.addEventListener("abort", () => this.#send(CANCEL, asynchronous ? 0 : thread, request));
      return oneWay ? undefined : new Promise((resolve, reject) => this.#pending.set(request, { resolve, reject }));
    };
    // One call after another: a thread makes one synchronous call at a time.
    return inside || asynchronous || oneWay ? send() : this.#turn = this.#turn.then(send, send);
  }

  /** A reference to an object of ours: a function for each signature, which gives the array of its results. */
  pass(object) {
    if (!object.reference) {
      const methods = new Map(Object.entries(object).map(([signature, run]) => [methodId(signature), run]));
      object.reference = new Reference(++this.#handles);
      this.#exports.set(this.#handles, { object, methods, count: 0 });
    }
    this.#exports.get(object.reference.handle).count++;
    return object.reference;
  }

  release(reference) { this.#send(RELEASE, reference.handle, 1); }

  get held() { return this.#exports.size; }

  close() { this.#send(THREAD_ENDED, THREAD); this.#send(GOODBYE, 0, ""); this.socket.end(); }

  #send(...message) {
    const body = encode(message, { extensionCodec }), length = Buffer.alloc(4);
    length.writeUInt32LE(body.length);
    this.socket.write(Buffer.concat([length, body]));
  }

  #receive(bytes) {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (let end; this.#received.length >= 4 && this.#received.length >= (end = 4 + this.#received.readUInt32LE());) {
      const message = decode(this.#received.subarray(4, end), { extensionCodec });
      this.#received = this.#received.subarray(end);
      const [type, first, second, third, ...rest] = message;
      if (type === HELLO) this.greet(message);
      else if (type === CALL) this.#run(first, second, third, ...rest);
      else if (type === RETURN || type === ERROR) this.#answer(type, third, ...rest);
      else if (type === RELEASE) this.#released(this.#exports.get(first), first, second);
      else if (type === GOODBYE) this.socket.destroy(second ? new Error(second) : undefined);
    }
  }

  async #run(flags, thread, request, parent, target, method, args) {
    const answer = (type, ...rest) => flags & ONE_WAY || this.#send(type, 0, flags & ASYNCHRONOUS ? 0 : -thread, request, ...rest);
    const inside = flags & (ASYNCHRONOUS | ONE_WAY) ? undefined : { thread: -thread, request };
    try {
      answer(RETURN, await this.#exports.get(target).methods.get(method)(...args, inside) ?? []);
    } catch (error) {
      answer(ERROR, REMOTE, ["System.InvalidOperationException", error.message, null, null, null]);
    }
  }

  #answer(type, request, resultsOrKind, exception) {
    const { resolve, reject } = this.#pending.get(request);
    this.#pending.delete(request);
    if (type === RETURN) resolve(resultsOrKind);
    else reject(Object.assign(new Error(exception[1]), { name: exception[0], kind: resultsOrKind }));
  }

  #released(held, handle, count) { if ((held.count -= count) === 0) { delete held.object.reference; this.#exports.delete(handle); } }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const calculator = await Connection.open(process.argv[2] ?? "calc.sock", "Calc.ICalculator");
  const add = (a, b) => calculator.call(null, "Add(System.Int32,System.Int32):System.Int32", [a, b]);
  console.log(`The server serves ${calculator.serves}.\n2 + 3 = ${await add(2, 3)}`);
  const watcher = { "Invoke(System.Int32):System.Void": (result, inside) => console.log(`Watched ${result}, inside request ${inside.request}.`) };
  const [subscription] = await calculator.call(null, "Watch(System.Action<System.Int32>):System.IDisposable", [calculator.pass(watcher)]);
  console.log("7 / 2 =", await calculator.call(null, "TryDivide(System.Int32,System.Int32,out System.Int32):System.Boolean", [7, 2]));
  await calculator.call(subscription, "Dispose():System.Void");
  calculator.release(subscription);
  const slowly = "AddSlowlyAsync(System.Int32,System.Int32):System.Threading.Tasks.Task<System.Int32>";
  console.log("20 + 22 =", ...await calculator.call(null, slowly, [20, 22], { asynchronous: true }));
  await calculator.call(null, slowly, [1, 1], { asynchronous: true, signal: AbortSignal.timeout(1) }).catch(error => console.log(error.name));
  await add(2147483647, 1).catch(error => console.log(error.name));
  calculator.close();
}
