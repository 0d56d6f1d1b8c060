using Bitcoin.Primitives;

namespace Dash.Tests;

/// <summary>A block of a chain of which only times and targets are known.</summary>
internal sealed record Place(int Height, uint Time, uint Bits, Place? Previous) : IBlockPlace
{
    /// <summary>A chain of blocks; the last has a height.</summary>
    internal static Place Chain(int lastHeight, params ReadOnlySpan<(uint Time, uint Bits)> blocks)
    {
        Place? last = null;
        for (int i = 0; i < blocks.Length; i++)
        {
            last = new Place(lastHeight - blocks.Length + 1 + i, blocks[i].Time, blocks[i].Bits, last);
        }

        return last!;
    }

    public IBlockPlace At(int height)
    {
        Place place = this;
        while (place.Height > height)
        {
            place = place.Previous ?? throw new ArgumentOutOfRangeException(nameof(height));
        }

        return place;
    }
}
