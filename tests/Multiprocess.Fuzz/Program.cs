using System.CommandLine;
using Multiprocess.Fuzz;

var seconds = new Option<double>("--seconds") { Description = "How long to attack.", DefaultValueFactory = _ => 15 };
var seed = new Option<int>("--seed") { Description = "Where the random numbers start.", DefaultValueFactory = _ => 1 };
var findings = new Option<string?>(
    "--findings") { Description = "The folder for what is found; it is printed otherwise." };
var replay = new Option<string?>("--replay") { Description = "Plays the recorded sessions of this folder instead." };
var record = new Option<string?>("--record") { Description = "Writes a correct session to this file instead." };
var show = new Option<string?>("--show") { Description = "Prints a recording for people instead." };
var capnp = new Option<bool>("--capnp") { Description = "Attacks the reading of Cap'n Proto messages instead." };
var capnpRpc = new Option<bool>("--capnp-rpc") { Description = "Attacks Cap'n Proto calls instead." };
var command = new RootCommand("Attacks servers and clients with changed and made-up traffic.")
{
    seconds,
    seed,
    findings,
    replay,
    record,
    show,
    capnp,
    capnpRpc,
};
command.SetAction(parsed =>
{
    if (parsed.GetValue(record) is { } file)
    {
        FuzzRun.Record(file);
        return 0;
    }

    if (parsed.GetValue(show) is { } shown)
    {
        return FuzzRun.Show(shown);
    }

    if (parsed.GetValue(capnp))
    {
        return CapnpRun.Run(parsed.GetValue(seed), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
    }

    if (parsed.GetValue(capnpRpc))
    {
        return CapnpRun.RunCalls(parsed.GetValue(seed), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
    }

    return parsed.GetValue(replay) is { } folder
        ? FuzzRun.Replay(folder)
        : new FuzzRun(parsed.GetValue(seed), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(findings))
            .Run();
});
return command.Parse(args).Invoke();
