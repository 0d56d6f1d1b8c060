using System.Text.Unicode;

namespace Multiprocess.Serialization;

// Whole values of any type.
internal static partial class StrictReader
{
    /// <summary>
    /// Skips the next value with everything in it, in constant memory at any depth: the package's own method would
    /// recurse.
    /// </summary>
    public static void SkipStrict(this ref MessagePackReader reader) => reader.Pass(maxDepth: int.MaxValue);

    /// <summary>
    /// Skips the next value after checking everything that the package will read of it: the value is complete, nests no
    /// deeper than <paramref name="maxDepth"/>, and its texts are valid UTF-8.
    /// </summary>
    public static void PassSound(this ref MessagePackReader reader, int maxDepth) => reader.Pass(maxDepth);

    private static void Pass(this ref MessagePackReader reader, int maxDepth)
    {
        long start = reader.Consumed;
        bool checks = maxDepth != int.MaxValue;

        // The number of values still missing in each open container; without checks a single sum. A value takes at
        // least one byte, so the number per container is limited by the remaining bytes.
        Span<long> owed = stackalloc long[checks ? maxDepth + 1 : 1];
        int depth = 0;
        owed[0] = 1;
        while (true)
        {
            while (owed[depth] == 0)
            {
                if (depth-- == 0)
                {
                    return;
                }
            }

            owed[depth]--;
            long elements = 0;
            try
            {
                switch (reader.PeekStrictType())
                {
                    case MessagePackType.Array:
                        elements = reader.ReadStrictArrayHeader();
                        break;
                    case MessagePackType.Map:
                        elements = 2L * reader.ReadStrictMapHeader();
                        break;
                    case MessagePackType.String:
                        long text = reader.Consumed;
                        ReadOnlySpan<byte> utf8 = reader.ReadStrictStringSpan();
                        if (checks && !Utf8.IsValid(utf8))
                        {
                            MessagePackErrors.ThrowMalformedText(text);
                        }

                        break;
                    case MessagePackType.Extension:
                        reader.ReadStrictRaw(reader.ReadStrictExtensionHeader().Length);
                        break;
                    default:
                        reader.PassScalar();
                        break;
                }
            }
            catch (IpcProtocolException)
            {
                reader.GoTo(start);
                throw;
            }

            if (elements > 0 && checks)
            {
                if (++depth > maxDepth)
                {
                    reader.GoTo(start);
                    throw new IpcProtocolException(
                        $"The value at byte {start} nests deeper than the limit of {maxDepth} levels.")
                    {
                        At = (int)start,
                    };
                }

                owed[depth] = elements;
            }
            else
            {
                owed[depth] += elements;
            }
        }
    }

    private static void PassScalar(this ref MessagePackReader reader)
    {
        long start = reader.Consumed;
        try
        {
            reader.Skip();
        }
        catch (Exception exception) when (IsThePackages(exception))
        {
            throw Refuse(ref reader, start, "a value", exception);
        }
    }
}
