using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>The wallet process as its node drives it. Disposing it ends what it has begun.</summary>
[IpcInterface]
public interface IWalletLoader : IDisposable
{
    /// <summary>Reads the blocks between two heights from the node, both included.</summary>
    /// <returns>How many transactions they hold.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The chain has no such blocks.</exception>
    int Rescan(int fromHeight, int toHeight);

    /// <summary>Begins to listen to the node's chain.</summary>
    void Follow();

    /// <summary>How many blocks have been connected since <see cref="Follow"/>.</summary>
    int GetBlocksSeen();

    /// <summary>Goes back and forth between node and wallet, each calling the other from inside the other's call.</summary>
    /// <returns>Who ran it at each step, the outermost first.</returns>
    ThreadStep[] GoDeep(int depth);
}
