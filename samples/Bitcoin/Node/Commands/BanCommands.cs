using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Node.Net;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about banned addresses.</summary>
internal sealed class BanCommands(NodeContext node)
{
    private PeerGroup Peers => PeerErrors.Required(node);

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Network");
        group.Add(
            "setban",
            "subnet:text command:text bantime:number? absolute:bool?",
            "Attempts to add or remove an IP/Subnet from the banned list.",
            SetBan);
        group.Add("listbanned", "", "List all manually banned IPs/Subnets.", _ => Banned());
        group.Add("clearbanned", "", "Clear all banned IPs.", _ =>
        {
            Peers.Bans.Clear();
            return null;
        });
    }

    private JsonNode? SetBan(RpcCall call)
    {
        string command = call.Text(1);
        if (command is not ("add" or "remove"))
        {
            throw Inputs.Error(RpcErrorCode.Misc, RpcHelp.Of(node.Rpc.Find("setban")!));
        }

        string text = call.Text(0);
        bool isSubnet = text.Contains('/', StringComparison.Ordinal);
        if (!BanTarget.TryParse(text, out BanTarget? target))
        {
            throw Inputs.Error(PeerErrors.InvalidIpOrSubnet, "Error: Invalid IP/Subnet");
        }

        if (command == "remove")
        {
            return Peers.Bans.Remove(target)
                ? null
                : throw Inputs.Error(
                    PeerErrors.InvalidIpOrSubnet,
                    "Error: Unban failed. Requested address/subnet was not previously manually banned.");
        }

        if (isSubnet || target.Network is null
            ? Peers.Bans.Contains(target)
            : Peers.Bans.IsBanned(target.Network.Value.BaseAddress))
        {
            throw Inputs.Error(PeerErrors.AlreadyAdded, "Error: IP/Subnet already banned");
        }

        long now = node.Clock.GetUtcNow().ToUnixTimeSeconds();
        long time = call.Number(2);
        bool isAbsolute = call.Bool(3);
        if (isAbsolute && time < now)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Error: Absolute timestamp is in the past");
        }

        Peers.Bans.Add(target, isAbsolute ? time : now + (time > 0 ? time : (long)Peers.Options.BanTime.TotalSeconds));
        foreach (Peer peer in Peers.All.Where(peer => Peers.Bans.IsBanned(peer.Address) && !peer.May(PeerRights.NoBan)))
        {
            peer.Dispose();
        }

        return null;
    }

    private JsonArray Banned()
    {
        long now = node.Clock.GetUtcNow().ToUnixTimeSeconds();
        return Values.Array(Peers.Bans.All.Select(ban => (JsonNode)new JsonObject
        {
            ["address"] = ban.Target.ToString(),
            ["ban_created"] = ban.Created,
            ["banned_until"] = ban.Until,
            ["ban_duration"] = ban.Until - ban.Created,
            ["time_remaining"] = ban.Until - now,
        }));
    }
}
