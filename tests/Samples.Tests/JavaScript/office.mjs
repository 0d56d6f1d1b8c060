// Every kind of call between C# and JavaScript, on the Connection of samples/Calculator/client.mjs.
import { Connection, Reference } from "./client.mjs";

const office = await Connection.open(process.argv[2], "Samples.Tests.JavaScript.IOffice");
const call = (signature, ...args) => office.call(null, signature, args);
const say = (what, value) => console.log(`${what}: ${JSON.stringify(value)}`);

await call("set_Name(System.String):System.Void", "of JavaScript");
say("property", await call("get_Name():System.String"));
await call("set_Item(System.Int32,System.String):System.Void", 3, null);
say("indexer", await call("get_Item(System.Int32):System.String", 3));
say("ref", await call("Increment(ref System.Int32,System.Int32):System.Void", 40, 2));
say("record", await call("Greet(Samples.Tests.JavaScript.Guest):Samples.Tests.JavaScript.Guest", ["Ada", 36, ["a", null]]));
say("value task", await office.call(null, "TextAsync(System.String):System.Threading.Tasks.ValueTask<System.String>", ["x"], { asynchronous: true }));
await office.call(null, "Post(System.String):System.Void", ["first"], { oneWay: true });
await office.call(null, "Post(System.String):System.Void", ["second"], { oneWay: true });
say("one-way", await call("Posted():System.String"));

const heard = [];
const handler = { "Invoke(System.String):System.Void": text => { heard.push(text); } };
await call("add_Announced(System.Action<System.String>):System.Void", office.pass(handler));
await call("Announce(System.String):System.Void", "one");
await call("remove_Announced(System.Action<System.String>):System.Void", office.pass(handler));
await call("Announce(System.String):System.Void", "two");
say("event", heard);

// An interface that this end implements, and C# calls; inside it, C# is called back on the same thread.
const calculator = {
  "Add(System.Int32,System.Int32):System.Int32": async (a, b, inside) => {
    const [name] = await office.call(null, "get_Name():System.String", [], { inside });
    say("called inside", name);
    return [a + b];
  },
  "TryDivide(System.Int32,System.Int32,out System.Int32):System.Boolean": (a, b) => {
    if (b === 0) throw new Error("Not by zero.");
    return [true, Math.trunc(a / b)];
  },
  "AddSlowlyAsync(System.Int32,System.Int32):System.Threading.Tasks.Task<System.Int32>": async (a, b) => {
    await new Promise(resolve => setTimeout(resolve, 1));
    return [a + b];
  },
};
const mine = office.pass(calculator);
say("interface", await call("Use(Calc.ICalculator,System.Int32,System.Int32):System.String", mine, 7, 2));
say("thrown here", await call("Use(Calc.ICalculator,System.Int32,System.Int32):System.String", office.pass(calculator), 1, 0));
say("slowly", await office.call(null, "UseSlowlyAsync(Calc.ICalculator):System.Threading.Tasks.Task<System.Int32>", [office.pass(calculator)], { asynchronous: true }));

const [theirs] = await call("MakeCalculator():Calc.ICalculator");
say("theirs", await office.call(theirs, "Add(System.Int32,System.Int32):System.Int32", [2, 3]));
say("sent home", await call("IsOurs(Calc.ICalculator):System.Boolean", new Reference(-theirs.handle)));
office.release(theirs);

await call("Fail(System.String):System.Void", "on purpose").catch(error => say("exception", [error.name, error.message, error.kind]));
await call("Missing():System.Void").catch(error => say("missing", error.kind));
await call("LetGo():System.Void");
for (let i = 0; office.held > 0 && i < 10_000; i++) await call("Posted():System.String"); // Releases come in the background.
say("held here", office.held);
say("held there", await call("CountHeld():System.Int32"));
office.close();
