using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node.Mempool;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about mining and submitting blocks.</summary>
internal sealed class MiningCommands(NodeContext node)
{
    private const ulong DefaultTries = 1_000_000;

    private BlockTree Tree => node.Tree;

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Mining");
        group.Add("getmininginfo", "", "Returns a json object containing mining-related information.", _ => Info());
        group.Add(
            "getnetworkhashps",
            "nblocks:number? height:number?",
            "Returns the estimated network hashes per second based on the last n blocks.",
            HashRate);
        group.Add(
            "getblocktemplate",
            "template_request:map",
            "If the request parameters include a 'mode' key, that is used to explicitly select between the default "
                + "'template' request or a 'proposal'.\nIt returns data needed to construct a block to work on.",
            Template,
            waits: true);
        group.Add("submitblock", "hexdata:text dummy:text?", "Attempts to submit new block to network.", Submit);
        group.Add(
            "submitheader",
            "hexdata:text",
            "Decode the given hexdata as a header and submit it as a candidate chain tip if valid.\nThrows when the "
                + "header is invalid.",
            SubmitHeader);
        CommandGroup hidden = new(node.Rpc, RpcHelp.HiddenCategory);
        hidden.Add(
            "generatetoaddress",
            "nblocks:number address:text maxtries:number?",
            "Mine to a specified address and return the block hashes.",
            call => Generate(call.Int(0), node.Address(call.Text(1), "Error: Invalid address"), call, 2));
        hidden.Add(
            "generatetodescriptor",
            "num_blocks:number descriptor:text maxtries:number?",
            "Mine to a specified descriptor and return the block hashes.",
            call => Generate(call.Int(0), ScriptOf(call.Text(1)), call, 2));
        hidden.Add(
            "generateblock",
            "output:text transactions:list submit:bool?",
            "Mine a set of ordered transactions to a specified address or descriptor and return the block hash.",
            call => node.Mining.Alone(() => GenerateBlock(call)));
        hidden.Add(
            "generate",
            "",
            "has been replaced by the -generate cli option. Refer to -help for more information.",
            _ => throw Inputs.Error(
                RpcErrorCode.MethodNotFound,
                "generate\n\nhas been replaced by the -generate cli option. Refer to -help for more information.\n"));
    }

    private JsonArray Generate(int count, Script script, RpcCall call, int triesIndex)
    {
        ulong tries = call.IsGiven(triesIndex) ? (ulong)call.Int(triesIndex) : DefaultTries;
        return Values.Strings(node.Mining.Mine(count, script, tries).Select(static hash => hash.ToString()));
    }

    private Script ScriptOf(string descriptor)
    {
        return TryScript(descriptor, out Script script, out string error)
            ? script
            : throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, error);
    }

    private bool TryScript(string text, out Script script, out string error)
    {
        script = Script.Empty;
        if (!Descriptors.Descriptor.TryParse(
            text, node.Tree.Network, needsChecksum: false, out Descriptors.Descriptor? descriptor, out error))
        {
            return false;
        }

        if (descriptor.IsRange)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "Ranged descriptor not accepted. Maybe pass through deriveaddresses first?");
        }

        Script[] scripts;
        try
        {
            scripts = [.. descriptor.Expand(0)];
        }
        catch (InvalidOperationException exception)
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, exception.Message);
        }

        script = scripts.Length == 1 ? scripts[0] : scripts.Length == 4 ? scripts[2] : scripts[^1];
        return true;
    }

    private JsonNode GenerateBlock(RpcCall call)
    {
        string output = call.Text(0);
        if (!TryScript(output, out Script script, out _)
            && !Primitives.Address.TryParse(output, node.Tree.Network, out script!))
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Error: Invalid address or descriptor");
        }

        List<Transaction> transactions = [];
        foreach (JsonNode? item in RpcValues.List(call.Params[1]))
        {
            string text = RpcValues.Text(item);
            if (text.Length == 64 && uint256.TryParse(text, out uint256? txid))
            {
                lock (Tree.Gate)
                {
                    transactions.Add(
                        node.Pool.Find(txid!)?.Transaction
                            ?? throw Inputs.Error(
                                RpcErrorCode.InvalidAddressOrKey, $"Transaction {text} not in mempool."));
                }
            }
            else
            {
                transactions.Add(Inputs.TryHex(text, out byte[] bytes)
                    && BlockParser.TryParse(bytes, Tree.Network, out Transaction? parsed)
                        ? parsed
                        : throw Inputs.Error(
                            RpcErrorCode.Deserialization,
                            $"Transaction decode failed for {text}. Make sure the tx has at least one input."));
            }
        }

        Block block = node.Assembler.Assemble(script, usesPool: false).Block;
        block.Transactions.AddRange(transactions);
        Miner.SealWitnesses(block, Tree.Network, Tree.Tip.Height + 1);
        if (Tree.Test(block, checkWork: false, checksMerkleRoot: false) is { } refusal)
        {
            throw Inputs.Error(-25, $"TestBlockValidity failed: {refusal}");
        }

        ulong tries = DefaultTries;
        uint256 hash = node.Mining.Solve(block, ref tries)
            ?? throw Inputs.Error(RpcErrorCode.Misc, "Failed to make block.");
        JsonObject result = new() { ["hash"] = hash.ToString() };
        if (call.Bool(2, byDefault: true))
        {
            if (Tree.AcceptBlock(block).Refusal is { } failed)
            {
                throw Inputs.Error(RpcErrorCode.InternalError, $"ProcessNewBlock, block not accepted: {failed}");
            }
        }
        else
        {
            result["hex"] = Convert.ToHexStringLower(block.ToBytes());
        }

        return result;
    }

    private JsonObject Info()
    {
        ChainBlock tip = Tree.Tip;
        uint bits = tip.Header.Bits.ToCompact();
        JsonObject info = new() { ["blocks"] = tip.Height };
        if (node.Assembler.Last is { } last)
        {
            info["currentblockweight"] = last.Weight;
            info["currentblocktx"] = last.Count;
        }

        info["bits"] = Values.Hex(bits);
        info["difficulty"] = Values.Difficulty(bits);
        info["target"] = Values.Target(bits);
        info["networkhashps"] = HashRate(tip, 120);
        info["pooledtx"] = node.Pool.Count;
        info["blockmintxfee"] = JsonText.Amount(node.Assembler.LeastRate.PerKilobyte);
        info["chain"] = Tree.Network.Name;
        uint nextBits = ProofOfWork.Expected(
            Tree.Network, tip, Miner.TimeFor(Tree.Network, tip, node.Clock.GetUtcNow()));
        info["next"] = new JsonObject
        {
            ["height"] = tip.Height + 1,
            ["bits"] = Values.Hex(nextBits),
            ["difficulty"] = Values.Difficulty(nextBits),
            ["target"] = Values.Target(nextBits),
        };
        if (Tree.Network.SignetChallenge is { } challenge)
        {
            info["signet_challenge"] = challenge.ToHex();
        }

        info["warnings"] = node.WarningsValue();
        return info;
    }

    private JsonNode HashRate(RpcCall call)
    {
        int count = call.Int(0, 120);
        int height = call.Int(1, -1);
        if (count < -1 || count == 0)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid nblocks. Must be a positive number or -1.");
        }

        ChainBlock tip = Tree.Tip;
        if (height < -1 || height > tip.Height)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Block does not exist at specified height");
        }

        return HashRate(height >= 0 ? Tree.AtHeight(height)! : tip, count);
    }

    private double HashRate(ChainBlock last, int count)
    {
        if (last.Height == 0)
        {
            return 0;
        }

        count = count == -1 ? (last.Height % Tree.Network.RetargetInterval) + 1 : count;
        ChainBlock first = last.Ancestor(last.Height - Math.Min(count, last.Height));
        uint least = uint.MaxValue;
        uint most = 0;
        for (ChainBlock block = last; ; block = block.Previous!)
        {
            least = Math.Min(least, block.Time);
            most = Math.Max(most, block.Time);
            if (ReferenceEquals(block, first))
            {
                break;
            }
        }

        return most == least ? 0 : (double)(last.ChainWork - first.ChainWork) / (most - least);
    }

    private JsonNode? Template(RpcCall call)
    {
        JsonObject request = RpcValues.Map(call.Params[0]);
        string mode = request["mode"] is { } given
            ? (Inputs.KindOf(given) == System.Text.Json.JsonValueKind.String
                ? given.GetValue<string>()
                : throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid mode"))
            : "template";
        if (mode == "proposal")
        {
            return Propose(request);
        }

        if (mode != "template")
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid mode");
        }

        bool isTest = node.Mining.IsTestChain();
        if (!isTest && node.Peers?.Count is null or 0)
        {
            throw Inputs.Error(-9, $"{ClientName.Text} is not connected!");
        }

        if (!isTest && node.IsInitialDownload)
        {
            throw Inputs.Error(-10, $"{ClientName.Text} is in initial sync and waiting for blocks...");
        }

        string[] rules = [.. request["rules"] is JsonArray list ? list.Select(RpcValues.Text) : []];
        if (Tree.Network.SignetChallenge is not null && !rules.Contains("signet"))
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "getblocktemplate must be called with the signet rule set (call with {\"rules\": [\"segwit\", "
                    + "\"signet\"]})");
        }

        if (Tree.Network.Currency.HasWitnesses && !rules.Contains("segwit"))
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                "getblocktemplate must be called with the segwit rule set (call with {\"rules\": [\"segwit\"]})");
        }

        WaitForChange(request);
        return Describe(node.Assembler.Assemble(new Script(OpcodeType.OP_TRUE)));
    }

    /// <summary>If the request names the caller's template, waits for a better one.</summary>
    private void WaitForChange(JsonObject request)
    {
        if (request["longpollid"] is not { } id || Inputs.KindOf(id) == System.Text.Json.JsonValueKind.Null)
        {
            return;
        }

        string text = RpcValues.Text(id);
        if (text.Length < 64 || !uint256.TryParse(text[..64], out uint256? known))
        {
            return;
        }

        ulong sequence = ulong.TryParse(text.AsSpan(64), out ulong parsed) ? parsed : 0;
        DateTimeOffset start = node.Clock.GetUtcNow();
        while (Tree.Tip.Hash == known && !node.Stopping.IsCancellationRequested)
        {
            node.Tips.Wait(tip => tip.Hash == known, TimeSpan.FromSeconds(1));
            if (node.Clock.GetUtcNow() - start > TimeSpan.FromMinutes(1) && node.Pool.Sequence != sequence)
            {
                break;
            }
        }
    }

    private JsonNode? Propose(JsonObject request)
    {
        if (request["data"] is not { } data || Inputs.KindOf(data) != System.Text.Json.JsonValueKind.String)
        {
            throw Inputs.Error(RpcErrorCode.Type, "Missing data String key for proposal");
        }

        if (!Inputs.TryHex(data.GetValue<string>(), out byte[] bytes)
            || !BlockParser.TryParse(bytes, Tree.Network, out Block? block))
        {
            throw Inputs.Error(RpcErrorCode.Deserialization, "Block decode failed");
        }

        if (Tree.Find(block.GetHash()) is { } known)
        {
            return (known.Status & BlockStatus.ScriptsChecked) != 0
                ? "duplicate"
                : known.HasFailed
                ? "duplicate-invalid"
                : "duplicate-inconclusive";
        }

        return Tree.Test(block, checkWork: false)?.Reason;
    }

    /// <summary>The rules that a miner must know. Rules that change the form of a block have a mark.</summary>
    private IEnumerable<string> RulesAfter(ChainBlock parent, bool isBeforeSegwit)
    {
        yield return "csv";
        if (!isBeforeSegwit)
        {
            yield return "!segwit";
            yield return "taproot";
        }

        if (Tree.Network.SignetChallenge is not null)
        {
            yield return "!signet";
        }

        if (Deployments.StateAfter(Tree.Network, parent) is Deployments.State.Active)
        {
            yield return "testdummy";
        }
    }

    private JsonObject Describe(AssembledBlock assembled)
    {
        Block block = assembled.Block;
        ChainBlock parent = assembled.Parent;
        Dictionary<uint256, int> places = [];
        JsonArray transactions = [];
        bool isBeforeSegwit = parent.Height + 1 < Tree.Network.SegwitHeight;
        int scale = isBeforeSegwit ? Sizes.WitnessScale : 1;
        for (int i = 0; i < assembled.Entries.Count; i++)
        {
            PoolEntry entry = assembled.Entries[i];
            transactions.Add((JsonNode)new JsonObject
            {
                ["data"] = Convert.ToHexStringLower(entry.Transaction.ToBytes()),
                ["txid"] = entry.Txid.ToString(),
                ["hash"] = entry.WitnessHash.ToString(),
                ["depends"] = Values.Array(
                    entry.Transaction.Inputs
                        .Select(input => places.GetValueOrDefault(input.PrevOut.Hash))
                        .Where(static place => place > 0)
                        .Distinct()
                        .Select(static place => (JsonNode)place)),
                ["fee"] = entry.Fee,
                ["sigops"] = entry.SigOpCost / scale,
                ["weight"] = entry.Weight,
            });
            places[entry.Txid] = i + 1;
        }

        bool hasTest = Deployments.StateAfter(
            Tree.Network, parent) is Deployments.State.Started or Deployments.State.LockedIn;
        uint bits = block.Header.Bits.ToCompact();
        JsonObject template = new()
        {
            ["capabilities"] = new JsonArray("proposal"),
            ["version"] = block.Header.Version,
            ["rules"] = Values.Strings(RulesAfter(parent, isBeforeSegwit)),
            ["vbavailable"] = hasTest ? new JsonObject { ["testdummy"] = Deployments.TestBit } : new JsonObject(),
            ["vbrequired"] = 0,
            ["previousblockhash"] = parent.Hash.ToString(),
            ["transactions"] = transactions,
            ["coinbaseaux"] = new JsonObject(),
            ["coinbasevalue"] = block.Transactions[0].Outputs[0].Value.Satoshi,
            ["longpollid"] = $"{parent.Hash}{assembled.Sequence}",
            ["target"] = Values.Target(bits),
            ["mintime"] = Math.Max(
                parent.MedianTimePast + 1,
                (parent.Height + 1) % Tree.Network.RetargetInterval == 0 ? (long)parent.Time - 600 : 0),
            ["mutable"] = new JsonArray("time", "transactions", "prevblock"),
            ["noncerange"] = "00000000ffffffff",
            ["sigoplimit"] = Tree.Network.MaxBlockSignatureCost(parent.Height + 1) / scale,
            ["sizelimit"] = Tree.Network.MaxBlockWeight(parent.Height + 1) / scale,
            ["weightlimit"] = Tree.Network.MaxBlockWeight(parent.Height + 1),
            ["curtime"] = block.Header.BlockTime.ToUnixTimeSeconds(),
            ["bits"] = Values.Hex(bits),
            ["height"] = parent.Height + 1,
        };
        if (isBeforeSegwit)
        {
            template.Remove("weightlimit");
        }

        Values.AddShares(template, Tree.Network, parent);

        if (Tree.Network.SignetChallenge is { } challenge)
        {
            template["signet_challenge"] = challenge.ToHex();
        }

        int commitment = Witnesses.CommitmentIndex(block.Transactions[0]);
        if (commitment >= 0)
        {
            template["default_witness_commitment"] = block.Transactions[0].Outputs[commitment].ScriptPubKey.ToHex();
        }

        return template;
    }

    private JsonNode? Submit(RpcCall call)
    {
        if (!Inputs.TryHex(call.Text(0), out byte[] bytes)
            || !BlockParser.TryParse(bytes, Tree.Network, out Block? block))
        {
            throw Inputs.Error(RpcErrorCode.Deserialization, "Block decode failed");
        }

        // The reserved value is the same in nearly all blocks, so a miner may omit it.
        if (block.Transactions.Count > 0
            && !block.Transactions[0].HasWitness
            && block.Transactions[0].Inputs.Count > 0
            && Witnesses.CommitmentIndex(block.Transactions[0]) >= 0
            && Tree.Find(block.Header.HashPrevBlock) is { } parent
            && parent.Height + 1 >= Tree.Network.SegwitHeight)
        {
            block.Transactions[0].Inputs[0].WitScript = new WitScript([new byte[32]], @unsafe: true);
            block.Transactions[0].PrecomputeHash(true, true);
        }

        // A block that was checked before, and is only stored again after pruning, is not checked again.
        bool wasChecked = Tree.Find(block.GetHash()) is { } before && (before.Status & BlockStatus.ScriptsChecked) != 0;
        AcceptResult result = Tree.AcceptBlock(block);
        return result.Refusal?.Reason
            ?? (!wasChecked && (result.Block!.Status & BlockStatus.ScriptsChecked) != 0 ? null : "inconclusive");
    }

    private JsonNode? SubmitHeader(RpcCall call)
    {
        const int HeaderBytes = 80;
        if (!Inputs.TryHex(call.Text(0), out byte[] bytes) || bytes.Length < HeaderBytes)
        {
            throw Inputs.Error(RpcErrorCode.Deserialization, "Block header decode failed");
        }

        BlockHeader header = Tree.Network.Network.Consensus.ConsensusFactory.CreateBlockHeader();
        header.FromBytes(bytes[..HeaderBytes]);
        if (Tree.Find(header.HashPrevBlock) is null)
        {
            throw Inputs.Error(-25, $"Must submit previous header ({header.HashPrevBlock}) first");
        }

        return Tree.AcceptHeaders([header]).Refusal is { } refusal ? throw Inputs.Error(-25, refusal.Reason) : null;
    }
}
