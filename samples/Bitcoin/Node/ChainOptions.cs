using System.Globalization;
using System.Numerics;
using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Hosting;
using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>Reads the options of the chain and of the pool.</summary>
internal sealed class ChainOptions(Settings settings)
{
    private const long LeastPruneMegabytes = 550;

    internal string BlocksDirectory
    {
        get
        {
            if (settings.Last("blocksdir") is not { Length: > 0 } given)
            {
                return Path.Combine(settings.Directory, "blocks");
            }

            string root = Path.GetFullPath(given);
            if (!Directory.Exists(root))
            {
                throw new HostException($"Specified blocks directory \"{given}\" does not exist.");
            }

            return Path.Combine(root, settings.Network.Directory, "blocks");
        }
    }

    internal bool Prunes => PruneMegabytes != 0;

    private long PruneMegabytes => Number("prune", 0);

    /// <summary>The network, with the changes that options make to it.</summary>
    internal NetworkParameters Network()
    {
        NetworkParameters network = settings.Network;
        bool isRegtest = network.IsPrivate;
        if (network.SignetChallenge is not null
            && settings.All("signetchallenge") is { Count: > 0 } challenges)
        {
            if (challenges.Count > 1)
            {
                throw new HostException("-signetchallenge cannot be multiple values.");
            }

            if (challenges[0].Length % 2 != 0 || !challenges[0].All(char.IsAsciiHexDigit))
            {
                throw new HostException($"-signetchallenge must be hex, not '{challenges[0]}'.");
            }

            network = network.WithChallenge(Script.FromHex(challenges[0]));
        }

        foreach (string value in isRegtest ? settings.All("testactivationheight") : [])
        {
            network = WithHeight(network, value);
        }

        foreach (string value in settings.All("vbparams"))
        {
            network = isRegtest
                ? WithTestRule(network, value)
                : throw new HostException("-vbparams is for regtest only: other networks have no rule to vote for.");
        }

        if (isRegtest && settings.All("test").Contains("bip94"))
        {
            network = network with { EnforcesBip94 = true };
        }

        if (isRegtest && settings.IsOn("fastprune"))
        {
            network = network with { PruneAfterHeight = 100 };
        }

        return settings.Last("minimumchainwork") is { } work ? network with { MinimumWork = Work(work) } : network;
    }

    internal TreeOptions Tree(CancellationToken stop, Action<string, string> log, Action<string> fatal)
    {
        long prune = PruneMegabytes;
        if (prune < 0)
        {
            throw new HostException("Prune cannot be configured with a negative value.");
        }

        if (prune > 1 && prune < LeastPruneMegabytes)
        {
            throw new HostException(
                $"Prune configured below the minimum of {LeastPruneMegabytes} MiB.  Please use a higher number.");
        }

        if (prune > 0 && Indexes.IndexOptions.WithoutPruning(settings) is { } index)
        {
            throw new HostException($"Prune mode is incompatible with -{index}.");
        }

        if (prune > 0 && settings.IsOn("reindex-chainstate"))
        {
            throw new HostException("Prune mode is incompatible with -reindex-chainstate. Use full -reindex instead.");
        }

        return new TreeOptions
        {
            Directory = settings.Directory,
            BlocksDirectory = BlocksDirectory,
            CoinCacheBytes = Math.Max(4 * TreeOptions.Megabyte, Size("dbcache", 450, TreeOptions.Megabyte)),
            MaxFileBytes = settings.IsOn("fastprune") ? 0x10000 : 128 * TreeOptions.Megabyte,
            Obfuscates = settings.Last("blocksxor") is null ? null : settings.IsOn("blocksxor"),
            ScriptThreads = Threads(),
            Reindexes = settings.IsOn("reindex"),
            ReindexesCoins = settings.IsOn("reindex-chainstate"),
            Prunes = prune != 0,
            PruneTarget = prune > 1 ? prune * TreeOptions.Megabyte : 0,
            AssumeValid = settings.Last("assumevalid") is { } believed
                ? believed is "0"
                ? uint256.Zero
                : uint256.Parse(believed.PadLeft(64, '0'))
                : null,
            CheckEvery = Every("checkblockindex"),
            StopHeight = (int)Math.Clamp(Number("stopatheight", 0), 0, int.MaxValue),
            Stop = stop,
            Fatal = fatal,
            Log = log,
        };
    }

    internal PoolOptions Pool()
    {
        long limitSize = Number("limitclustersize", 101);
        long limitCount = Number("limitclustercount", 64);
        if (limitCount > 64)
        {
            throw new HostException("limitclustercount must be less than or equal to 64");
        }

        bool requiresStandard = !settings.IsOn("acceptnonstdtxn");
        if (!requiresStandard && settings.Network.IsMain)
        {
            throw new HostException("acceptnonstdtxn is not currently supported for main chain");
        }

        long max = Size("maxmempool", 300, 1_000_000);
        long least = limitSize * 1000 * 40;
        if (max < 0 || max < least)
        {
            throw new HostException($"-maxmempool must be at least {(least + 999_999) / 1_000_000} MB");
        }

        RelayRate incremental = Rate("incrementalrelayfee", 100);
        RelayRate relay = Rate("minrelaytxfee", 100);
        if (incremental > relay && settings.Last("minrelaytxfee") is null)
        {
            relay = incremental;
        }

        return new PoolOptions
        {
            MaxBytes = max,
            Expiry = Time("mempoolexpiry", 336, TimeSpan.FromHours(1)),
            MinRelay = relay,
            Incremental = incremental,
            Dust = Rate("dustrelayfee", 3000),
            RequiresStandard = requiresStandard,
            PermitsBareMultisig = settings.IsOn("permitbaremultisig", byDefault: true),
            DataBytes = settings.IsOn("datacarrier", byDefault: true) ? (int)Number("datacarriersize", 100_000) : null,
            MaxClusterCount = (int)limitCount,
            MaxClusterSize = (int)limitSize * 1000,
            BytesPerSigOp = (int)Number("bytespersigop", 20),
            CheckEvery = Every("checkmempool"),
        };
    }

    internal BlockAssembler Assembler(NodeContext node)
    {
        const int LeastReserved = 2000;
        int most = settings.Network.MaxBlockWeight(int.MaxValue);
        long max = Number("blockmaxweight", most);
        long reserved = Number("blockreservedweight", 8000);
        if (max > most)
        {
            throw new HostException($"-blockmaxweight ({max}) exceeds consensus maximum block weight ({most})");
        }

        if (reserved > most)
        {
            throw new HostException(
                $"-blockreservedweight ({reserved}) exceeds consensus maximum block weight ({most})");
        }

        if (reserved < LeastReserved)
        {
            throw new HostException(
                $"-blockreservedweight ({reserved}) is lower than minimum safety value of ({LeastReserved})");
        }

        if (reserved > max)
        {
            throw new HostException($"-blockreservedweight ({reserved}) exceeds -blockmaxweight ({max})");
        }

        return new BlockAssembler(node)
        {
            MaxWeight = (int)max,
            ReservedWeight = (int)reserved,
            LeastRate = Rate("blockmintxfee", 1),
        };
    }

    /// <summary>How rarely something is checked; 0 for never.</summary>
    private int Every(string name)
        => settings.IsOn(name) ? (int)Math.Clamp(Number(name, 0), 1, int.MaxValue) : 0;

    internal long Number(string name, long byDefault)
    {
        string? text = settings.Last(name);
        return text is null
            ? byDefault
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;
    }

    /// <summary>A number of units, as long as a size can be.</summary>
    internal long Size(string name, long byDefault, long unit)
        => (long)Int128.Clamp((Int128)Number(name, byDefault) * unit, long.MinValue, long.MaxValue);

    /// <summary>A number of units of time, limited to a century in both directions.</summary>
    internal TimeSpan Time(string name, long byDefault, TimeSpan unit)
    {
        long most = 36_525 * TimeSpan.TicksPerDay;
        return new TimeSpan((long)Int128.Clamp((Int128)Number(name, byDefault) * unit.Ticks, -most, most));
    }

    /// <summary>An amount of bitcoins for 1,000 bytes.</summary>
    internal RelayRate Rate(string name, long byDefault)
    {
        if (settings.Last(name) is not { } text)
        {
            return new RelayRate(byDefault);
        }

        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount)
            && amount is >= 0 and <= 21_000_000
            && decimal.Round(amount, 8) == amount
            ? new RelayRate((long)(amount * Money.COIN))
            : throw new HostException($"Invalid amount for -{name}=<amount>: '{text}'");
    }

    private int Threads()
    {
        long par = Number("par", 0);
        return (int)Math.Clamp(par <= 0 ? Environment.ProcessorCount + par : par, 1, 16);
    }

    private static BigInteger Work(string given)
    {
        string text = given.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? given[2..] : given;
        return text.Length is > 0 and <= 64 && text.All(char.IsAsciiHexDigit)
            ? BigInteger.Parse("0" + text, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : throw new HostException($"Invalid minimum work specified ({given}), must be up to 64 hex digits");
    }

    private static NetworkParameters WithTestRule(NetworkParameters network, string value)
    {
        string[] parts = value.Split(':');
        if (parts.Length is < 3 or > 4)
        {
            throw new HostException(
                "Version bits parameters malformed, expecting deployment:start:end[:min_activation_height]");
        }

        long start = Whole(parts[1], "nStartTime");
        long timeout = Whole(parts[2], "nTimeout");
        long height = parts.Length == 4 ? Whole(parts[3], "min_activation_height") : 0;
        return parts[0] == "testdummy"
            ? network with
            {
                TestRuleStart = start,
                TestRuleTimeout = timeout,
                TestRuleHeight = (int)Math.Clamp(height, 0, int.MaxValue),
            }
            : throw new HostException($"Invalid deployment ({parts[0]})");

        static long Whole(string text, string name)
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                ? number
                : throw new HostException($"Invalid {name} ({text})");
        }
    }

    private static NetworkParameters WithHeight(NetworkParameters network, string value)
    {
        int at = value.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            throw new HostException($"Invalid format ({value}) for -testactivationheight=name@height.");
        }

        string name = value[..at];
        string text = value[(at + 1)..];
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            || height == int.MaxValue)
        {
            throw new HostException($"Invalid height value ({value}) for -testactivationheight=name@height.");
        }

        return name switch
        {
            "segwit" when network.Currency.HasWitnesses => network with { SegwitHeight = height },
            "bip34" => network with { Bip34Height = height },
            "dersig" => network with { Bip66Height = height },
            "cltv" => network with { Bip65Height = height },
            "csv" => network with { CsvHeight = height },
            _ => throw new HostException($"Invalid name ({value}) for -testactivationheight=name@height."),
        };
    }
}
