using System.CommandLine;
using Multiprocess;
using Multiprocess.Stress;
using Multiprocess.Stress.Kills;
using Multiprocess.Stress.Siege;

// As a child of itself it serves; otherwise it calls. A child may be told to record what crosses.
var ofChild = new IpcConnectionOptions
{
    RecordFolder = args is ["--record", var folder, ..] ? folder : null,
    LocalTransport = IpcLocalTransport.Auto,
};
if (AsyncChild.TryServeAsync(args).GetAwaiter().GetResult() is { } code)
{
    return code;
}

if (Prisoner.TryServe(args, out int exitCode)
    || Scribbler.TryServe(args, out exitCode)
    || KillProgram.TryServe(args, out exitCode)
    || IpcParent.TryServe<IStress>(args, connection => new StressTarget(connection), out exitCode, ofChild))
{
    return exitCode;
}

var seconds = new Option<double>("--seconds") { Description = "How long to run.", DefaultValueFactory = _ => 10 };
var seed = new Option<int>("--seed") { Description = "Where the random numbers start.", DefaultValueFactory = _ => 1 };
var threads = new Option<int>("--threads") { Description = "How many threads call.", DefaultValueFactory = _ => 8 };
var kill = new Option<bool>("--kill") { Description = "Kills the child at random moments, again and again." };
var kills = new Option<int>("--kills") { Description = "How often, with --kill; 0 for as long as the time is." };
var memory = new Option<bool>("--in-memory") { Description = "Both ends in this process, over memory." };
var serve = new Option<string?>("--serve") { Description = "Serves at this address until SIGTERM or SIGINT." };
var recordTo = new Option<string?>(
    "--record-to") { Description = "With --serve: the folder into which all that crosses is recorded." };
var waitingBytes = new Option<long>("--waiting-bytes")
{
    Description = "With --serve: the limit on what all connections together may have waiting.",
    DefaultValueFactory = _ => new IpcServerOptions().MaxUserWaitingBytes,
};
var siege = new Option<string?>("--siege")
{
    Description =
        "Takes something away from a server, again and again: descriptors, crowd (of clients), threads, addresses, "
            + "disk, parents (of children), stopped (peers), deaf (peers), or all.",
};
var scarce = new Option<string?>(
    "--scarce-parent") { Description =
        "Starts children while this process has all descriptors, threads or addresses that its limits allow." };
var call = new Option<string?>("--call")
{
    Description = "Makes a call of this kind, to --connect or to a child, that rests until this process is killed.",
};
var connect = new Option<string?>("--connect") { Description = "Calls the one that serves at this address." };
var sockets = new Option<bool>("--in-process") { Description = "Both ends in this process, over a pair of sockets." };
var transport = new Option<IpcLocalTransport>("--transport")
{
    Description = "How the messages of two processes are carried: auto, socket, or memory from the first call on.",
    DefaultValueFactory = _ => IpcLocalTransport.Socket,
};
var command = new RootCommand("Calls at random between two processes and checks every answer.")
{
    seconds,
    seed,
    threads,
    kill,
    kills,
    memory,
    sockets,
    serve,
    recordTo,
    waitingBytes,
    siege,
    scarce,
    connect,
    call,
    transport,
};
command.SetAction(parsed =>
{
    if (parsed.GetValue(serve) is { } address)
    {
        return StressHost.Serve(address, parsed.GetValue(recordTo), parsed.GetValue(waitingBytes));
    }

    if (parsed.GetValue(siege) is { } trouble)
    {
        return new SiegeRun(parsed.GetValue(seed), TimeSpan.FromSeconds(parsed.GetValue(seconds)), trouble).Run();
    }

    if (parsed.GetValue(scarce) is { } what)
    {
        return new ScarceParent().Run(what);
    }

    if (parsed.GetValue(call) is { } kind)
    {
        return KillProgram.Call(kind, parsed.GetValue(connect));
    }

    var run = new StressRun(
        parsed.GetValue(seed),
        parsed.GetValue(threads),
        TimeSpan.FromSeconds(parsed.GetValue(seconds)),
        parsed.GetValue(kills),
        parsed.GetValue(transport));
    return parsed.GetValue(kill) ? run.Kill()
        : parsed.GetValue(memory) ? run.InProcess(IpcTestTransport.InMemory)
        : parsed.GetValue(sockets) ? run.InProcess(IpcTestTransport.SocketPair)
        : parsed.GetValue(connect) is { } server ? run.Connected(server)
        : run.TwoProcesses();
});
return command.Parse(args).Invoke();
