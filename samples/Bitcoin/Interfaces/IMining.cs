using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>Makes blocks, where that takes no more than a moment.</summary>
[IpcInterface]
public interface IMining
{
    /// <summary>Mines blocks on the active chain.</summary>
    /// <param name="count">How many, 1 to 10,000.</param>
    /// <param name="script">The output script of whoever gets the subsidy.</param>
    /// <returns>The blocks' hashes, in order.</returns>
    /// <exception cref="InvalidOperationException">The network is not regtest.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is outside its range.</exception>
    BlockHash[] Generate(int count, byte[] script);
}
