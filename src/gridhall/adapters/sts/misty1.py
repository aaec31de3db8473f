"""MISTY1, the block cipher of 64 bits under a key of 128 (RFC 2994; encryption algorithm 11 of IEC 62055-41).

A token is one block, so a plain form in Python is fast enough: some ten thousand blocks a second.
"""

from functools import lru_cache

# S7 and S9 of RFC 2994, section 2.2 in hexadecimal, two and three digits each.
_S7 = (
    "1b32335a3b1017545b1a72736b2c66491f24136c372e3f4a5d0f405625511c040b46200d7b3544422b1e41144b79156f"
    "0e550936740c6753280a7e38020760291912652f303908685f782a4c6445753d594803577c4f623c1d215e276a704d3a"
    "016d6e6318772305267600312d7a7f61502211064716524e713e6943345c587d"
)
_S9 = (
    "1c30cb15319f1e30e90fb0351810b91171eb13300902d0d30c714a03707e0eb1641931d80a311e05502c01d1a2163118"
    "14b1521d200f02b03013a0e511113818e0630e30c81f401b00109d0f81a016d1f301c14607d0d10821ea18312d0f419e"
    "1d30dd1e21281e00ec05909101112f0260dc0b018c10f1f70e716c0b60f90d815110114c1030b815412b1ae01707100c"
    "04705807f1a413412908415d19d1b21a304807c0511ca02313d1a716503b0420da1920ce0c106b09f1f112c1840fa196"
    "1e116917d03118010a0941da18613e11c0601751cf06711906506809915000800717c0b70240190de1270db0e41a9052"
    "10909019c1c10281b313516a1760df1e51880c516e1de1b10c31df0360ee1ee0f009304909a1b606908112500b05e0b4"
    "1491c717403e13b1b708e1c60ae0100951ef04e0f21fd0850fd0f60a016f08308a15609b13c1071670981d01e90031fe"
    "0bd1220890d218f01203306a1420ed17011b0e214f15813114705d1131cd0791611a517909e1b40cc02213201a0e8004"
    "1871ed1970391bf1d702718b0c609c0d014e06c0341f206e0ca0250ba1910fe01310602f1ad1721db0c010b1d60f51ec"
    "10d0761141ab07510c1e415905411f04b0c41be0f70290a400e1f007704d17a08608b0b31710bf10e10409715b160168"
    "0d70bb0661ce0fc0921c506f01604a0a11390af0f119000a1aa14317b05618d1660d41fb14d19419a0871f81230a71b8"
    "14103c1f914002a15511a1a11980d51261af06112e1571dc07218a0aa0961150ef04507b08d14505305f1780b202e020"
    "1d503f1c91e71ac0440380140b116b0ab0b505a1821c81d40181770640cf06d10019913015a0051201bb1bd0e004f0d6"
    "13f1c412a0150060ff19b0a604308805015f1e812107317e0bc0c20c91731891f50741cc1e61a819501f04100d1ba032"
    "03d1d10800a80571b91621480d910506207a0211ff1121081c00a911d1b01a60cd0f305c10205b1d91441f60ad0a503a"
    "1cb13617f0460e101e1dd0e61371fa18508c08f0401b50be0780000ac11015e1240021bc0a20ea0701fc11615c04c1c2"
)

S7 = tuple(int(_S7[k : k + 2], 16) for k in range(0, 256, 2))
S9 = tuple(int(_S9[k : k + 3], 16) for k in range(0, 1536, 3))

Subkeys = tuple[tuple[int, ...], tuple[int, ...]]


@lru_cache(maxsize=4096)
def subkeys(key: bytes) -> Subkeys:
    """The eight parts of a key (16 bytes) and what the schedule makes of them: 16 bits each."""
    if len(key) != 16:
        raise ValueError("a key of MISTY1 has 16 bytes")
    parts = tuple(int.from_bytes(key[2 * k : 2 * k + 2], "big") for k in range(8))
    return parts, tuple(_fi(parts[k], parts[(k + 1) % 8]) for k in range(8))


def encrypt(block: int, key: bytes) -> int:
    """The cipher block of a block: both of 64 bits."""
    parts, made = subkeys(key)
    left, right = block >> 32, block & 0xFFFFFFFF
    for k in range(0, 8, 2):
        left = _fl(left, k, parts, made)
        right = _fl(right, k + 1, parts, made)
        right ^= _fo(left, k, parts, made)
        left ^= _fo(right, k + 1, parts, made)
    return _fl(right, 9, parts, made) << 32 | _fl(left, 8, parts, made)


def decrypt(block: int, key: bytes) -> int:
    """The block of a cipher block: both of 64 bits."""
    parts, made = subkeys(key)
    right = _fl_back(block >> 32, 9, parts, made)
    left = _fl_back(block & 0xFFFFFFFF, 8, parts, made)
    for k in range(6, -1, -2):
        left ^= _fo(right, k + 1, parts, made)
        right ^= _fo(left, k, parts, made)
        left = _fl_back(left, k, parts, made)
        right = _fl_back(right, k + 1, parts, made)
    return left << 32 | right


def _fi(value: int, key: int) -> int:
    """16 bits under 16 bits: nine and seven of them go through S9, S7 and S9 in turn."""
    seven = value & 0x7F
    nine = S9[value >> 7] ^ seven
    seven = S7[seven] ^ nine & 0x7F ^ key >> 9
    return seven << 9 | S9[nine ^ key & 0x1FF] ^ seven


def _fo(value: int, k: int, parts: tuple[int, ...], made: tuple[int, ...]) -> int:
    """32 bits in round k: three times `_fi`."""
    left, right = value >> 16, value & 0xFFFF
    left = _fi(left ^ parts[k], made[(k + 5) % 8]) ^ right
    right = _fi(right ^ parts[(k + 2) % 8], made[(k + 1) % 8]) ^ left
    left = _fi(left ^ parts[(k + 7) % 8], made[(k + 3) % 8]) ^ right
    return (right ^ parts[(k + 4) % 8]) << 16 | left


def _masks(k: int, parts: tuple[int, ...], made: tuple[int, ...]) -> tuple[int, int]:
    """The two keys of the k-th linear function."""
    half = k // 2
    return (made[(half + 2) % 8], parts[(half + 4) % 8]) if k % 2 else (parts[half], made[(half + 6) % 8])


def _fl(value: int, k: int, parts: tuple[int, ...], made: tuple[int, ...]) -> int:
    keep, put = _masks(k, parts, made)
    left, right = value >> 16, value & 0xFFFF
    right ^= left & keep
    return (left ^ (right | put)) << 16 | right


def _fl_back(value: int, k: int, parts: tuple[int, ...], made: tuple[int, ...]) -> int:
    keep, put = _masks(k, parts, made)
    left, right = value >> 16, value & 0xFFFF
    left ^= right | put
    return left << 16 | right ^ left & keep
