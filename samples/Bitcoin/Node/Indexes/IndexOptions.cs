using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node.Indexes;

/// <summary>Reads the options of indexes.</summary>
internal static class IndexOptions
{
    /// <summary>The options, and the indexes that they turn on.</summary>
    private static readonly (string Option, string Index)[] s_indexes =
    [
        ("txindex", IndexNames.Transactions),
        ("txospenderindex", IndexNames.Spenders),
        ("blockfilterindex", IndexNames.BasicFilters),
        ("coinstatsindex", IndexNames.Statistics),
    ];

    /// <summary>The indexes to keep.</summary>
    /// <exception cref="HostException">An option names an unknown kind of filter.</exception>
    internal static IEnumerable<string> Names(Settings settings)
    {
        // Without a value, or with "1", the option means all kinds of filters.
        foreach (string value in settings.All("blockfilterindex").Where(
            static value => value is not ("" or "0" or "1" or "basic")))
        {
            throw new HostException($"Unknown -blockfilterindex value {value}.");
        }

        if (settings.IsOn("peerblockfilters") && !settings.IsOn("blockfilterindex"))
        {
            throw new HostException("Cannot set -peerblockfilters without -blockfilterindex.");
        }

        return s_indexes.Where(index => settings.IsOn(index.Option)).Select(static index => index.Index);
    }

    /// <summary>The first index that a pruning node cannot keep; null if there is none.</summary>
    internal static string? WithoutPruning(Settings settings)
        => settings.IsOn("txindex") ? "txindex" : settings.IsOn("txospenderindex") ? "txospenderindex" : null;
}
