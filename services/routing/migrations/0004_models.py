"""models learnt from corrections"""

import sqlalchemy as sa
from alembic import op

from services.runtime.types import InstantType, JsonType

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "models",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("corrections", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("newest", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("moved", JsonType(), nullable=False),
        sa.Column("made_at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_models")),
    )
    op.create_table(
        "model_steps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("corrections", JsonType(), nullable=True),
        sa.Column("at", InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_steps")),
        sqlite_autoincrement=True,
    )
    op.add_column(
        "corrections", sa.Column("undone", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
    )
