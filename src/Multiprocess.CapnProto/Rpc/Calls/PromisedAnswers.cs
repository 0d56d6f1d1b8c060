using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Calls;

/// <summary>How messages name a capability in pending results: the question, and a path of pointers.</summary>
internal static class PromisedAnswers
{
    private const ushort Noop = 0;
    private const ushort GetPointerField = 1;

    public static void Write(CapnpPointerBuilder pointer, uint questionId, ReadOnlySpan<ushort> path)
    {
        CapnpStructBuilder promised = pointer.InitStruct(RpcFormat.PromisedAnswer);
        promised.WriteUInt32(0, questionId);
        if (path.IsEmpty)
        {
            return;
        }

        CapnpListBuilder operations = promised.Pointer(0).InitStructList(RpcFormat.Transform, path.Length);
        for (int i = 0; i < path.Length; i++)
        {
            operations.Struct(i).WriteUInt16(0, GetPointerField);
            operations.Struct(i).WriteUInt16(1, path[i]);
        }
    }

    /// <exception cref="IpcProtocolException">The path contains an unknown operation.</exception>
    public static (uint QuestionId, ushort[] Path) Read(CapnpPointerReader pointer)
    {
        CapnpStructReader promised = pointer.ReadStruct();
        CapnpListReader operations = promised.Pointer(0).ReadList(CapnpElementSize.Composite);
        var path = new List<ushort>();
        for (int i = 0; i < operations.Count; i++)
        {
            ushort operation = operations.Struct(i).ReadUInt16(0);
            if (operation == GetPointerField)
            {
                path.Add(operations.Struct(i).ReadUInt16(1));
            }
            else if (operation != Noop)
            {
                throw new IpcProtocolException(
                    $"Path: Expected operation {Noop} or {GetPointerField}, got {operation}.");
            }
        }

        return (promised.ReadUInt32(0), [.. path]);
    }
}
