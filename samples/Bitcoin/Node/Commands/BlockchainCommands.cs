using System.Numerics;
using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about the chain: its state, its blocks, its branches.</summary>
internal sealed class BlockchainCommands(NodeContext node)
{
    private static readonly TimeSpan s_listenerPatience = TimeSpan.FromSeconds(60);

    private BlockTree Tree => node.Tree;

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Blockchain");
        group.Add(
            "getblockchaininfo",
            "",
            "Returns an object containing various state info regarding blockchain processing.",
            _ => Info());
        group.Add(
            "getblockcount",
            "",
            "Returns the height of the most-work fully-validated chain.\nThe genesis block has height 0.",
            _ => Tree.Tip.Height);
        group.Add(
            "getbestblockhash",
            "",
            "Returns the hash of the best (tip) block in the most-work fully-validated chain.",
            _ => Tree.Tip.Hash.ToString());
        group.Add(
            "getdifficulty",
            "",
            "Returns the proof-of-work difficulty as a multiple of the minimum difficulty.",
            _ => Values.Difficulty(Tree.Tip.Header.Bits.ToCompact()));
        group.Add(
            "getblockhash",
            "height:number",
            "Returns hash of block in best-block-chain at height provided.",
            BlockHashAt);
        group.Add(
            "getblockheader",
            "blockhash:text verbose:bool?",
            "Returns the header of a block: serialized and hex-encoded if verbose is false, as an object otherwise.",
            Header);
        group.Add(
            "getblock",
            "blockhash:text verbosity|verbose:any?",
            "Returns a block: serialized and hex-encoded (verbosity 0), as an object (1), with its transactions (2), "
                + "and with what they spend (3).",
            GetBlock);
        group.Add(
            "getchaintips",
            "",
            "Return information about all known tips in the block tree, including the main chain as well as orphaned "
                + "branches.",
            _ => Tips());
        group.Add(
            "getchaintxstats",
            "nblocks:number? blockhash:text?",
            "Compute statistics about the total number and rate of transactions in the chain.",
            TransactionStats);
        group.Add("getchainstates", "", "Return information about chainstates.", _ => Chainstates());
        group.Add(
            "getdeploymentinfo",
            "blockhash:text?",
            "Returns an object containing various state info regarding deployments of consensus changes.",
            DeploymentInfo);
        group.Add("verifychain", "checklevel:number? nblocks:number?", "Verifies blockchain database.", Verify);
        group.Add(
            "preciousblock",
            "blockhash:text",
            "Treats a block as if it were received before others with the same work.",
            call =>
            {
                Tree.Prefer(node.Block(call, 0));
                return null;
            });
        group.Add(
            "pruneblockchain",
            "height:number",
            "Attempts to delete block and undo data up to a specified height or timestamp, if eligible for pruning.",
            Prune);
        group.Add(
            "waitfornewblock",
            "timeout:number? current_tip:text?",
            "Waits for any new block and returns useful info about it.\nReturns the current block on timeout or exit.",
            WaitForNewBlock,
            waits: true);
        group.Add(
            "waitforblock",
            "blockhash:text timeout:number?",
            "Waits for a specific new block and returns useful info about it.\nReturns the current block on timeout or "
                + "exit.",
            WaitForBlock,
            waits: true);
        group.Add(
            "waitforblockheight",
            "height:number timeout:number?",
            "Waits for (at least) block height and returns the height and hash of the current tip.\nReturns the "
                + "current block on timeout or exit.",
            WaitForHeight,
            waits: true);
        CommandGroup hidden = new(node.Rpc, Rpc.RpcHelp.HiddenCategory);
        hidden.Add(
            "invalidateblock",
            "blockhash:text",
            "Permanently marks a block as invalid, as if it violated a consensus rule.",
            Invalidate);
        hidden.Add(
            "reconsiderblock",
            "blockhash:text",
            "Removes invalidity status of a block, its ancestors and its descendants, reconsider them for "
                + "activation.\nThis can be used to undo the effects of invalidateblock.",
            Reconsider);
        hidden.Add(
            "syncwithvalidationinterfacequeue",
            "",
            "Waits for the validation interface queue to catch up on everything that was there when we entered this function.",
            _ =>
            {
                return node.Chain.WaitForListeners(s_listenerPatience)
                    ? null
                    : throw Inputs.Error(
                        RpcErrorCode.Misc,
                        $"A listener to the chain has not been told of everything within {s_listenerPatience.TotalSeconds} "
                            + $"seconds.");
            },
            waits: true);
    }

    private JsonObject Info()
    {
        ChainBlock tip = Tree.Tip;
        uint bits = tip.Header.Bits.ToCompact();
        JsonObject info = new()
        {
            ["chain"] = Tree.Network.Name,
            ["blocks"] = tip.Height,
            ["headers"] = Tree.BestHeader.Height,
            ["bestblockhash"] = tip.Hash.ToString(),
            ["bits"] = Values.Hex(bits),
            ["target"] = Values.Target(bits),
            ["difficulty"] = Rpc.JsonText.Real(Values.Difficulty(bits)),
            ["time"] = tip.Time,
            ["mediantime"] = tip.MedianTimePast,
            ["verificationprogress"] = Rpc.JsonText.Real(Progress.Of(Tree, tip)),
            ["initialblockdownload"] = node.IsInitialDownload,
            ["chainwork"] = Values.Hex64(tip.ChainWork),
            ["size_on_disk"] = Tree.BytesOnDisk,
            ["pruned"] = Tree.Prunes,
        };
        if (Tree.Prunes)
        {
            info["pruneheight"] = Tree.FirstStoredHeight();
            info["automatic_pruning"] = Tree.PruneTarget > 0;
            if (Tree.PruneTarget > 0)
            {
                info["prune_target_size"] = Tree.PruneTarget;
            }
        }

        if (Tree.Network.SignetChallenge is { } challenge)
        {
            info["signet_challenge"] = challenge.ToHex();
        }

        info["warnings"] = node.WarningsValue();
        return info;
    }

    private JsonNode BlockHashAt(RpcCall call)
    {
        return Tree.AtHeight(Rpc.RpcArguments.Int(call, 0))?.Hash.ToString()
            ?? throw Inputs.Error(RpcErrorCode.InvalidParameter, "Block height out of range");
    }

    private JsonNode Header(RpcCall call)
    {
        ChainBlock block = node.Block(call, 0);
        return Rpc.RpcArguments.Bool(call, 1, byDefault: true)
            ? Values.Header(Tree, block)
            : Convert.ToHexStringLower(block.Header.ToBytes());
    }

    private JsonNode GetBlock(RpcCall call)
    {
        ChainBlock place = node.Block(call, 0);
        int verbosity = call.Verbosity(1, byDefault: 1);
        Block block = node.ReadBlock(place);
        return verbosity <= 0 ? Convert.ToHexStringLower(block.ToBytes()) : Values.Block(Tree, place, block, verbosity);
    }

    private JsonArray Tips()
    {
        ChainBlock active = Tree.Tip;
        return Values.Array(Tree.Tips()
            .OrderByDescending(static tip => tip.Height)
            .ThenBy(static tip => tip.Hash.ToString(), StringComparer.Ordinal)
            .Select(tip => (JsonNode)new JsonObject
            {
                ["height"] = tip.Height,
                ["hash"] = tip.Hash.ToString(),
                ["branchlen"] = tip.Height - ChainBlock.Fork(tip, active).Height,
                ["status"] = ReferenceEquals(tip, active) ? "active"
                    : (tip.Status & BlockStatus.AnyFailure) != 0 ? "invalid"
                    : tip.ChainTransactions == 0 ? "headers-only"
                    : (tip.Status & BlockStatus.ScriptsChecked) != 0 ? "valid-fork"
                    : "valid-headers",
            }));
    }

    private JsonObject TransactionStats(RpcCall call)
    {
        ChainBlock last = Tree.Tip;
        if (call.IsGiven(1))
        {
            last = Tree.Find(Rpc.RpcArguments.Hash(call, 1, "blockhash"))
                ?? throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Block not found");
            if (!Tree.IsActive(last))
            {
                throw Inputs.Error(RpcErrorCode.InvalidParameter, "Block is not in main chain");
            }
        }

        const int BlocksInMonth = 30 * 24 * 6;
        int count = call.IsGiven(0)
            ? Rpc.RpcArguments.Int(call, 0)
            : Math.Max(0, Math.Min(BlocksInMonth, last.Height - 1));
        if (call.IsGiven(0) && (count < 0 || (count > 0 && count >= last.Height)))
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, "Invalid block count: should be between 0 and the block's height - 1");
        }

        ChainBlock first = last.Ancestor(last.Height - count);
        long seconds = (long)last.MedianTimePast - first.MedianTimePast;
        JsonObject stats = new() { ["time"] = last.Time };
        if (last.ChainTransactions > 0)
        {
            stats["txcount"] = last.ChainTransactions;
        }

        stats["window_final_block_hash"] = last.Hash.ToString();
        stats["window_final_block_height"] = last.Height;
        stats["window_block_count"] = count;
        if (count > 0)
        {
            stats["window_interval"] = seconds;
            if (last.ChainTransactions > 0 && first.ChainTransactions > 0)
            {
                long transactions = last.ChainTransactions - first.ChainTransactions;
                stats["window_tx_count"] = transactions;
                if (seconds > 0)
                {
                    stats["txrate"] = (double)transactions / seconds;
                }
            }
        }

        return stats;
    }

    private JsonObject Chainstates()
    {
        ChainBlock tip = Tree.Tip;
        uint bits = tip.Header.Bits.ToCompact();
        return new JsonObject
        {
            ["headers"] = Tree.BestHeader.Height,
            ["chainstates"] = new JsonArray(new JsonObject
            {
                ["blocks"] = tip.Height,
                ["bestblockhash"] = tip.Hash.ToString(),
                ["bits"] = Values.Hex(bits),
                ["target"] = Values.Target(bits),
                ["difficulty"] = Rpc.JsonText.Real(Values.Difficulty(bits)),
                ["verificationprogress"] = Rpc.JsonText.Real(Progress.Of(Tree, tip)),
                ["coins_db_cache_bytes"] = 8 << 20,
                ["coins_tip_cache_bytes"] = 440 << 20,
                ["validated"] = true,
            }),
        };
    }

    private JsonObject DeploymentInfo(RpcCall call)
    {
        ChainBlock block = call.IsGiven(0) ? node.Block(call, 0) : Tree.Tip;
        NetworkParameters network = Tree.Network;
        JsonObject Buried(int height) => new()
        {
            ["type"] = "buried",
            ["active"] = block.Height + 1 >= height,
            ["height"] = height,
        };
        JsonObject deployments = [];
        foreach ((string name, int height) in network.BuriedRules)
        {
            deployments[name] = Buried(height);
        }

        if (Deployments.Exists(network))
        {
            deployments["testdummy"] = TestDeployment(block);
        }

        return new JsonObject
        {
            ["hash"] = block.Hash.ToString(),
            ["height"] = block.Height,
            ["script_flags"] = Values.Strings(Flags(block)),
            ["deployments"] = deployments,
        };
    }

    private IEnumerable<string> Flags(ChainBlock block)
    {
        ScriptVerify flags = Chain.Rules.ScriptFlags.Of(block.Hash, block.Height, Tree.Network);
        (ScriptVerify Flag, string Name)[] names =
        [
            (ScriptVerify.CheckLockTimeVerify, "CHECKLOCKTIMEVERIFY"),
            (ScriptVerify.CheckSequenceVerify, "CHECKSEQUENCEVERIFY"), (ScriptVerify.DerSig, "DERSIG"),
            (ScriptVerify.NullDummy, "NULLDUMMY"), (ScriptVerify.P2SH, "P2SH"), (ScriptVerify.Taproot, "TAPROOT"),
            (ScriptVerify.Witness, "WITNESS"),
        ];
        return names.Where(name => (flags & name.Flag) != 0).Select(static name => name.Name);
    }

    private JsonObject TestDeployment(ChainBlock block)
    {
        static string Name(Deployments.State state)
            => state == Deployments.State.LockedIn ? "locked_in" : state.ToString().ToLowerInvariant();
        Deployments.State current = Deployments.StateAfter(Tree.Network, block.Previous);
        Deployments.State next = Deployments.StateAfter(Tree.Network, block);
        JsonObject bip9 = [];
        bool isOpen = current is Deployments.State.Started or Deployments.State.LockedIn;
        if (isOpen)
        {
            bip9["bit"] = Deployments.TestBit;
        }

        bip9["start_time"] = Tree.Network.TestRuleStart;
        bip9["timeout"] = Tree.Network.TestRuleTimeout;
        bip9["min_activation_height"] = Tree.Network.TestRuleHeight;
        bip9["status"] = Name(current);
        bip9["since"] = Deployments.Since(Tree.Network, block.Previous);
        bip9["status_next"] = Name(next);
        if (isOpen)
        {
            int elapsed = ((block.Height + 1) % Deployments.TestPeriod) is var rest && rest == 0
                ? Deployments.TestPeriod
                : rest;
            int count = Deployments.Count(block, elapsed);
            JsonObject statistics = new()
            {
                ["period"] = Deployments.TestPeriod,
                ["elapsed"] = elapsed,
                ["count"] = count,
            };
            if (current == Deployments.State.Started)
            {
                statistics["threshold"] = 108;
                statistics["possible"] = Deployments.TestPeriod - 108 >= elapsed - count;
            }

            bip9["statistics"] = statistics;
            bip9["signalling"] = string.Concat(
                Enumerable.Range(0, elapsed).Select(
                    i => Deployments.Votes(block.Ancestor(block.Height - elapsed + 1 + i)) ? '#' : '-'));
        }

        JsonObject result = new() { ["type"] = "bip9" };
        if (next == Deployments.State.Active)
        {
            result["height"] = Deployments.Since(Tree.Network, block);
        }

        result["active"] = next == Deployments.State.Active;
        result["bip9"] = bip9;
        return result;
    }

    private JsonNode Verify(RpcCall call)
    {
        return Tree.Verify(Rpc.RpcArguments.Int(call, 0, 3), Rpc.RpcArguments.Int(call, 1, 6));
    }

    private JsonNode Prune(RpcCall call)
    {
        if (!Tree.Prunes)
        {
            throw Inputs.Error(RpcErrorCode.Misc, "Cannot prune blocks because node is not in prune mode.");
        }

        const long TimeThreshold = 1_000_000_000;
        const int TimestampWindow = 2 * 60 * 60;
        long height = Rpc.RpcArguments.Number(call, 0);
        if (height < 0)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Negative block height.");
        }

        ChainBlock tip = Tree.Tip;
        if (height > TimeThreshold)
        {
            ChainBlock? first = Enumerable
                .Range(0, tip.Height + 1)
                .Select(Tree.AtHeight)
                .FirstOrDefault(block => block!.MaxTime >= height - TimestampWindow);
            height = first?.Height
                ?? throw Inputs.Error(
                    RpcErrorCode.InvalidParameter, "Could not find block with at least the specified timestamp.");
        }

        if (tip.Height < Tree.Network.PruneAfterHeight)
        {
            throw Inputs.Error(RpcErrorCode.Misc, "Blockchain is too short for pruning.");
        }

        if (height > tip.Height)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Blockchain is shorter than the attempted prune height.");
        }

        Tree.PruneUpTo((int)height);
        return Tree.FirstStoredHeight() - 1;
    }

    private JsonObject WaitForNewBlock(RpcCall call)
    {
        uint256 known = call.IsGiven(1) ? Rpc.RpcArguments.Hash(call, 1, "current_tip") : Tree.Tip.Hash;
        return Wait(call, 0, tip => tip.Hash == known);
    }

    private JsonObject WaitForBlock(RpcCall call)
    {
        uint256 wanted = Rpc.RpcArguments.Hash(call, 0, "blockhash");
        return Wait(call, 1, tip => tip.Hash != wanted);
    }

    private JsonObject WaitForHeight(RpcCall call)
    {
        int height = Rpc.RpcArguments.Int(call, 0);
        return Wait(call, 1, tip => tip.Height < height);
    }

    private JsonObject Wait(RpcCall call, int timeoutIndex, Func<ChainBlock, bool> waits)
    {
        long timeout = Rpc.RpcArguments.Int(call, timeoutIndex);
        if (timeout < 0)
        {
            throw Inputs.Error(RpcErrorCode.Misc, "Negative timeout");
        }

        ChainBlock tip = node.Tips.Wait(
            waits, timeout == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(timeout))
            ?? Tree.Tip;
        return new JsonObject { ["hash"] = tip.Hash.ToString(), ["height"] = tip.Height };
    }

    private JsonNode? Invalidate(RpcCall call)
    {
        ChainBlock block = node.Block(call, 0);
        if (block.Height == 0)
        {
            throw Inputs.Error(-20, "");
        }

        Tree.Invalidate(block);
        return null;
    }

    private JsonNode? Reconsider(RpcCall call)
    {
        Tree.Reconsider(node.Block(call, 0));
        return null;
    }
}
