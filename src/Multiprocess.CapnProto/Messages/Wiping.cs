using System.Runtime.CompilerServices;

namespace Multiprocess.CapnProto.Messages;

/// <summary>
/// Wipes objects that were built and are no longer needed, so that they are not sent with the message.
/// </summary>
internal static class Wiping
{
    /// <summary>Wipes a pointer of a message that this side built, and its whole target.</summary>
    /// <exception cref="InsufficientExecutionStackException">The objects are nested too deeply.</exception>
    public static void Wipe(Segment segment, int at)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var pointer = new Pointer(segment.ReadWord(at));
        if (pointer.IsStruct && !pointer.IsNull || pointer.IsList || pointer.IsFar)
        {
            Located found = Located.Follow(segment, at);
            if (pointer.IsFar)
            {
                // Messages that this side builds have no double far pointers.
                segment.Arena.Find(pointer.FarSegment)!.WriteWord(pointer.FarOffset * Pointer.WordBytes, 0);
            }

            WipeObject(found.Segment, (int)found.At, found.Pointer);
        }

        segment.WriteWord(at, 0);
    }

    private static void WipeObject(Segment segment, int at, Pointer pointer)
    {
        if (pointer.IsStruct)
        {
            WipeStruct(segment, at, pointer.StructSize);
            return;
        }

        int count = pointer.Count;
        switch (pointer.ElementSize)
        {
            case CapnpElementSize.Pointer:
                WipePointers(segment, at, count);
                break;
            case CapnpElementSize.Composite:
                var tag = new Pointer(segment.ReadWord(at));
                segment.WriteWord(at, 0);
                at += Pointer.WordBytes;
                for (uint i = 0; i < tag.TagCount && tag.StructSize.Words > 0; i++)
                {
                    WipeStruct(segment, at, tag.StructSize);
                    at += tag.StructSize.Words * Pointer.WordBytes;
                }

                break;
            default:
                long bits = (long)count * Pointer.StepBits(pointer.ElementSize);
                segment.Bytes.AsSpan(at, (int)((bits + 7) / 8)).Clear();
                break;
        }
    }

    private static void WipeStruct(Segment segment, int at, CapnpStructSize size)
    {
        int data = size.DataWords * Pointer.WordBytes;
        segment.Bytes.AsSpan(at, data).Clear();
        WipePointers(segment, at + data, size.PointerCount);
    }

    private static void WipePointers(Segment segment, int at, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Wipe(segment, at + (i * Pointer.WordBytes));
        }
    }
}
