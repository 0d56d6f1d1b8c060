using System.Runtime.CompilerServices;

namespace Multiprocess.CapnProto.Messages;

/// <summary>Copies objects from one message to another.</summary>
/// <remarks>
/// The canonical form is the only form that every writer gives to equal values: objects in the order of their pointers,
/// no zeros at the end of a struct, no far pointers. Fields of a newer schema that have their default values leave no
/// trace.
/// </remarks>
internal static class Copying
{
    /// <exception cref="IpcProtocolException">The source is malformed, or a limit of its message is
    /// exceeded.</exception>
    /// <exception cref="InvalidOperationException">A canonical copy has no table for capabilities.</exception>
    public static void Copy(CapnpPointerReader source, CapnpPointerBuilder target, bool isCanonical)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (source.Kind)
        {
            case CapnpPointerKind.Null:
                target.Clear();
                break;
            case CapnpPointerKind.Struct:
                CapnpStructReader read = source.ReadStruct();
                CapnpStructSize size = isCanonical ? Trimmed(read) : Size(read);
                CopyFields(read, target.InitStruct(size), size, isCanonical);
                break;
            case CapnpPointerKind.List:
                CopyList(source.ReadList(), target, isCanonical);
                break;
            default:
                if (isCanonical)
                {
                    throw new InvalidOperationException("Canonical message: Expected no capabilities, got one.");
                }

                target.WriteCapabilityIndex(source.ReadCapabilityIndex()!.Value);
                break;
        }
    }

    private static void CopyList(CapnpListReader list, CapnpPointerBuilder target, bool isCanonical)
    {
        if (list.ElementSize == CapnpElementSize.Composite)
        {
            CopyStructs(list, target, isCanonical);
            return;
        }

        CapnpListBuilder copy = target.InitList(list.ElementSize, list.Count);
        if (list.ElementSize != CapnpElementSize.Pointer)
        {
            copy.WriteBits(list.Bytes);
            return;
        }

        for (int i = 0; i < list.Count; i++)
        {
            Copy(list.PointerAt(i), copy.PointerAt(i), isCanonical);
        }
    }

    private static void CopyStructs(CapnpListReader list, CapnpPointerBuilder target, bool isCanonical)
    {
        CapnpStructSize size = list.StructSize;
        if (isCanonical)
        {
            // The largest size of any element.
            ushort dataWords = 0;
            ushort pointers = 0;
            for (int i = 0; i < list.Count && size.Words > 0; i++)
            {
                CapnpStructSize needed = Trimmed(list.Struct(i));
                dataWords = Math.Max(dataWords, needed.DataWords);
                pointers = Math.Max(pointers, needed.PointerCount);
            }

            size = new(dataWords, pointers);
        }

        CapnpListBuilder copy = target.InitStructList(size, list.Count);
        for (int i = 0; i < list.Count && size.Words > 0; i++)
        {
            CopyFields(list.Struct(i), copy.Struct(i), size, isCanonical);
        }
    }

    private static void CopyFields(
        CapnpStructReader source, CapnpStructBuilder target, CapnpStructSize size, bool isCanonical)
    {
        source.Data[..(size.DataWords * Pointer.WordBytes)].CopyTo(target.Data);
        for (uint i = 0; i < size.PointerCount; i++)
        {
            Copy(source.Pointer(i), target.Pointer(i), isCanonical);
        }
    }

    private static CapnpStructSize Size(CapnpStructReader source)
        => new((ushort)(source.DataBits / 64), (ushort)source.PointerCount);

    private static CapnpStructSize Trimmed(CapnpStructReader source)
    {
        int bytes = source.Data.LastIndexOfAnyExcept((byte)0) + 1;
        int pointers = source.PointerCount;
        while (pointers > 0 && source.Pointer((uint)pointers - 1).IsNull)
        {
            pointers--;
        }

        return new((ushort)((bytes + 7) / 8), (ushort)pointers);
    }
}
