using System.Numerics;
using Bitcoin.Primitives;

namespace Dash;

/// <summary>
/// The target of a block: three rules, each from a height on. The numbers are 256 bits wide and wrap around, as in the
/// program that set them.
/// </summary>
internal static class DashTarget
{
    private const int WaveBlocks = 24;
    private const int HourSeconds = 60 * 60;

    private static readonly BigInteger s_mask = (BigInteger.One << 256) - 1;

    internal static uint After(NetworkParameters network, DashHeights heights, IBlockPlace previous, uint time)
    {
        int height = previous.Height + 1;
        if (height < heights.KimotoGravityWell)
        {
            return PeriodicTarget.After(network, previous, time);
        }

        uint easiest = CompactTarget.Compress(network.PowLimit);
        long late = (long)time - previous.Time;
        if (network.AllowsMinimumDifficulty && late > 2 * HourSeconds)
        {
            return easiest;
        }

        if (network.AllowsMinimumDifficulty && late > 4 * network.SpacingSeconds)
        {
            return CompactTarget.Compress(BigInteger.Min(Expand(previous.Bits) * 10, network.PowLimit));
        }

        return height < heights.DarkGravityWave
            ? KimotoGravityWell(network, previous)
            : DarkGravityWave(network, previous);
    }

    /// <summary>
    /// The mean target of the last blocks, as many as it takes until their speed is off by more than such a number of
    /// blocks is by chance; then changed by that speed.
    /// </summary>
    internal static uint KimotoGravityWell(NetworkParameters network, IBlockPlace last)
    {
        const int DaySeconds = 24 * HourSeconds;
        int least = DaySeconds / 40 / network.SpacingSeconds;
        int most = 7 * DaySeconds / network.SpacingSeconds;
        if (last.Height == 0 || last.Height < least)
        {
            return CompactTarget.Compress(network.PowLimit);
        }

        BigInteger mean = 0;
        long taken = 0;
        long wanted = 0;
        IBlockPlace block = last;
        for (int count = 1; block.Height > 0 && count <= most; count++)
        {
            // Divided before the sign is given back: integers round towards zero on both sides.
            mean += (Expand(block.Bits) - mean) / count;
            taken = Math.Max((long)last.Time - block.Time, 0);
            wanted = (long)network.SpacingSeconds * count;
            double speed = taken == 0 ? 1 : (double)wanted / taken;
            double chance = 1 + (0.7084 * Math.Pow(count / 28.2, -1.228));
            if (count >= least && (speed <= 1 / chance || speed >= chance))
            {
                break;
            }

            block = block.At(block.Height - 1);
        }

        BigInteger next = taken == 0 ? mean : ((mean * taken) & s_mask) / wanted;
        return CompactTarget.Compress(BigInteger.Min(next, network.PowLimit));
    }

    /// <summary>The third version: a mean of the last 24 targets, changed by the time that these blocks took.</summary>
    internal static uint DarkGravityWave(NetworkParameters network, IBlockPlace last)
    {
        if (last.Height < WaveBlocks)
        {
            return CompactTarget.Compress(network.PowLimit);
        }

        // Not quite a mean: the newest block counts twice. It always was so.
        IBlockPlace block = last;
        BigInteger mean = Expand(last.Bits);
        for (int count = 2; count <= WaveBlocks; count++)
        {
            block = block.At(block.Height - 1);
            mean = ((mean * count) + Expand(block.Bits)) / (count + 1);
        }

        long wanted = (long)WaveBlocks * network.SpacingSeconds;
        long taken = Math.Clamp((long)last.Time - block.Time, wanted / 3, wanted * 3);
        return CompactTarget.Compress(BigInteger.Min(((mean * taken) & s_mask) / wanted, network.PowLimit));
    }

    private static BigInteger Expand(uint bits)
    {
        CompactTarget.TryExpand(bits, out BigInteger target);
        return target;
    }
}
