using System.Collections.Generic;

namespace Multiprocess.Generator.CapnProto;

/// <summary>A union: its members overlap in pieces of the space that contains the union.</summary>
internal sealed class UnionLayout(FieldSpace parent)
{
    private const int DiscriminantSize = 4;

    private int _members;

    /// <summary>
    /// The offset of the union's tag, in units of 16 bits. Null while there is at most one member.
    /// </summary>
    public int? Discriminant { get; private set; }

    internal List<Piece> Pieces { get; } = [];

    internal List<int> Pointers { get; } = [];

    /// <summary>Adds a member: a group, or a single field.</summary>
    public FieldSpace AddMember() => new MemberLayout(this);

    /// <summary>Called for the first field of each member. With the second member, the union needs its tag.</summary>
    internal void MemberBegins()
    {
        if (++_members == 2)
        {
            AddDiscriminant();
        }
    }

    /// <summary>Places the tag now, because a schema gives it an ordinal.</summary>
    public void AddDiscriminant() => Discriminant ??= parent.AddData(DiscriminantSize);

    internal void AddVoid() => parent.AddVoid();

    internal Piece AddPiece(int size)
    {
        var piece = new Piece(size, parent.AddData(size));
        Pieces.Add(piece);
        return piece;
    }

    internal int AddPointer()
    {
        Pointers.Add(parent.AddPointer());
        return Pointers[Pointers.Count - 1];
    }

    /// <summary>Makes a piece at least as large as a size, for all members.</summary>
    internal bool TryExpand(Piece piece, int size)
    {
        if (size <= piece.Size)
        {
            return true;
        }

        if (!parent.TryExpand(piece.Size, piece.Offset, size - piece.Size))
        {
            return false;
        }

        piece.Offset >>= size - piece.Size;
        piece.Size = size;
        return true;
    }

    /// <summary>A piece of the parent's data that all members share.</summary>
    internal sealed class Piece(int size, int offset)
    {
        public int Size { get; set; } = size;

        public int Offset { get; set; } = offset;
    }
}
