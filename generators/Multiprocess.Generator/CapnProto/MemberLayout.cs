using System.Collections.Generic;

namespace Multiprocess.Generator.CapnProto;

/// <summary>A member of a union: which parts it uses of the pieces that all members share.</summary>
internal sealed class MemberLayout(UnionLayout union) : FieldSpace
{
    private readonly List<PieceUse> _uses = [];
    private int _pointers;
    private bool _hasFields;

    public override void AddVoid()
    {
        Begin();

        // A union inside a member of another union: the outer one counts its members too, and needs its tag in time.
        union.AddVoid();
    }

    public override int AddData(int size)
    {
        Begin();
        foreach (UnionLayout.Piece piece in union.Pieces)
        {
            UseOf(piece);
        }

        // The smallest gap that has room; the first of equal gaps.
        PieceUse? best = null;
        int smallest = int.MaxValue;
        foreach (PieceUse use in _uses)
        {
            if (use.SmallestFor(size) is { } gap && gap < smallest)
            {
                smallest = gap;
                best = use;
            }
        }

        if (best is not null)
        {
            return best.Take(size);
        }

        foreach (PieceUse use in _uses)
        {
            if (use.TryTakeByExpanding(size) is { } offset)
            {
                return offset;
            }
        }

        return UseOf(union.AddPiece(size)).Take(size);
    }

    public override int AddPointer()
    {
        Begin();
        return _pointers < union.Pointers.Count ? union.Pointers[_pointers++] : AddUnionPointer();
    }

    public override bool TryExpand(int size, int offset, int doublings)
    {
        if (size + doublings > Gaps.Word || (offset & ((1 << doublings) - 1)) != 0)
        {
            return false;
        }

        foreach (PieceUse use in _uses)
        {
            if (use.Contains(size, offset))
            {
                return use.TryExpand(size, offset, doublings);
            }
        }

        return false;
    }

    private int AddUnionPointer()
    {
        _pointers++;
        return union.AddPointer();
    }

    private void Begin()
    {
        if (!_hasFields)
        {
            _hasFields = true;
            union.MemberBegins();
        }
    }

    private PieceUse UseOf(UnionLayout.Piece piece)
    {
        foreach (PieceUse use in _uses)
        {
            if (use.Piece == piece)
            {
                return use;
            }
        }

        var made = new PieceUse(union, piece);
        _uses.Add(made);
        return made;
    }

    /// <summary>Which part of a piece a member uses: nothing yet, or its first part, which may have gaps.</summary>
    private sealed class PieceUse(UnionLayout union, UnionLayout.Piece piece)
    {
        private readonly Gaps _gaps = new();
        private bool _isUsed;
        private int _size;

        public UnionLayout.Piece Piece => piece;

        public int? SmallestFor(int size)
        {
            if (!_isUsed)
            {
                return size <= piece.Size ? piece.Size : null;
            }

            if (size >= _size)
            {
                return size < piece.Size ? size : null;
            }

            return _gaps.SmallestFor(size) ?? (_size < piece.Size ? _size : null);
        }

        /// <summary>Takes the place that <see cref="SmallestFor"/> has found.</summary>
        public int Take(int size)
        {
            int local;
            if (!_isUsed)
            {
                _isUsed = true;
                _size = size;
                local = 0;
            }
            else if (size >= _size)
            {
                // The second half of a part of twice the size; the space in between is a gap.
                _gaps.AddBehind(_size, 1, size);
                _size = size + 1;
                local = 1;
            }
            else if (_gaps.Take(size) is { } gap)
            {
                local = gap;
            }
            else
            {
                local = 1 << (_size - size);
                _gaps.AddBehind(size, local + 1, _size);
                _size++;
            }

            return Start(size) + local;
        }

        /// <summary>Takes a place that exists only if the whole piece grows.</summary>
        public int? TryTakeByExpanding(int size)
        {
            if (!_isUsed)
            {
                if (!union.TryExpand(piece, size))
                {
                    return null;
                }

                _isUsed = true;
                _size = size;
                return Start(size);
            }

            int former = _size;
            int wanted = (size > _size ? size : _size) + 1;
            if (wanted > Gaps.Word || !union.TryExpand(piece, wanted))
            {
                return null;
            }

            _gaps.AddBehind(former, 1, wanted);
            _size = wanted;
            return Start(size) + _gaps.Take(size)!.Value;
        }

        public bool Contains(int size, int offset)
            => piece.Size >= size && offset >> (piece.Size - size) == piece.Offset;

        public bool TryExpand(int size, int offset, int doublings)
        {
            int local = offset - Start(size);
            if (local != 0 || size != _size)
            {
                return _gaps.TryExpand(size, local, doublings);
            }

            if (!union.TryExpand(piece, size + doublings))
            {
                return false;
            }

            _size = size + doublings;
            return true;
        }

        private int Start(int size) => piece.Offset << (piece.Size - size);
    }
}
