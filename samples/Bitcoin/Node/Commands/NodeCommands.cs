using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>Methods for tests and for diagnosis.</summary>
internal sealed class NodeCommands(NodeContext node, IIpc? ipc)
{
    internal void Register()
    {
        CommandGroup hidden = new(node.Rpc, RpcHelp.HiddenCategory);
        hidden.Add(
            "setmocktime", "timestamp:number", "Set the local time to given timestamp (-regtest only)", SetMockTime);
        hidden.Add(
            "mockscheduler", "delta_time:number", "Bump the scheduler into the future (-regtest only)", MockScheduler);
        hidden.Add(
            "echoipc",
            "arg:text",
            "Echo back the input argument, passing it through a spawned process in a multiprocess build.\nThis command "
                + "is for testing.",
            EchoIpc,
            waits: true);
        CommandGroup control = new(node.Rpc, "Control");
        control.Add(
            "getmemoryinfo", "mode:text?", "Returns an object containing information about memory usage.", MemoryInfo);
    }

    private JsonNode? SetMockTime(RpcCall call)
    {
        RequireRegtest("setmocktime");
        long time = call.Number(0);
        // The range of the time of a block.
        const long Most = uint.MaxValue;
        if (time is < 0 or > Most)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, $"Mocktime must be in the range [0, {Most}], not {time}.");
        }

        node.Clock.Set(time);
        return null;
    }

    private JsonNode? MockScheduler(RpcCall call)
    {
        RequireRegtest("mockscheduler");
        if (call.Number(0) is <= 0 or > 3600)
        {
            throw Inputs.Error(RpcErrorCode.Misc, "delta_time must be between 1 and 3600 seconds (1 hr)");
        }

        // The periodic tasks with an effect that others can see.
        node.Peers?.News.AnnounceAgain();
        node.Peers?.Private?.TryAgain();
        node.MockWallets?.Invoke(TimeSpan.FromSeconds(call.Number(0)));
        return null;
    }

    private static JsonNode MemoryInfo(RpcCall call)
    {
        string mode = call.Text(0, "stats");

        // No memory is locked here; the managed memory is reported in pages.
        long used = GC.GetTotalMemory(forceFullCollection: false);
        long total = Math.Max(used + Environment.SystemPageSize, GC.GetGCMemoryInfo().TotalCommittedBytes);
        return mode switch
        {
            "stats" => new JsonObject
            {
                ["locked"] = new JsonObject
                {
                    ["used"] = used,
                    ["free"] = total - used,
                    ["total"] = total,
                    ["locked"] = 0,
                    ["chunks_used"] = (used / Environment.SystemPageSize) + 1,
                    ["chunks_free"] = (total - used) / Environment.SystemPageSize,
                },
            },
            "mallocinfo" => throw Inputs.Error(RpcErrorCode.InvalidParameter, "mallocinfo mode not available"),
            _ => throw Inputs.Error(RpcErrorCode.InvalidParameter, $"unknown mode {mode}"),
        };
    }

    private JsonNode EchoIpc(RpcCall call)
    {
        string text = call.Text(0);
        if (ipc is null)
        {
            return new ProcessEcho().Echo(text);
        }

        using LoggedChild child = LoggedChild.Start(ipc, Currency.Names.Program("node"), node.Log);
        return child.Init.MakeEcho()?.Echo(text)
            ?? throw new RpcException(RpcErrorCode.InternalError, "The spawned process has no echo.");
    }

    private void RequireRegtest(string name)
    {
        if (!node.Tree.Network.NeverRetargets)
        {
            throw Inputs.Error(RpcErrorCode.Misc, $"{name} is for regression testing (-regtest mode) only");
        }
    }
}
